import * as tokenizers from '@huggingface/tokenizers';

/** The part of the library that is used; its own declarations do not resolve outside a bundler. */
const { Tokenizer } = tokenizers as unknown as {
  readonly Tokenizer: new (tokenizerJson: object, config: object) => { encode(text: string): { ids: number[] } };
};

export interface EncodedText {
  readonly ids: readonly number[];
  /** The text had more tokens than the model reads. */
  readonly truncated: boolean;
}

/** A text to token ids, special tokens included, cut to what the model reads. */
export type EncodeText = (text: string) => EncodedText;

/** So many characters a token hardly ever exceeds on average; more are read where a text's tokens are longer. */
const CHARACTERS_PER_TOKEN = 8;

/**
 * @param tokenizerJson contents of a Hugging Face `tokenizer.json`
 * @param maxTokens tokens the model reads at most, special tokens included
 */
export function createTokenizer(tokenizerJson: object, maxTokens: number): EncodeText {
  const tokenizer = new Tokenizer(tokenizerJson, {});
  return (text) => {
    const encode = (part: string): number[] => tokenizer.encode(part).ids;
    const beginning = beginningOf(text, maxTokens * CHARACTERS_PER_TOKEN);
    let ids = encode(beginning);
    // Long texts are cut before they are tokenised, which would take the event loop milliseconds.
    if (beginning.length < text.length && ids.length <= maxTokens) ids = encode(text);
    if (ids.length <= maxTokens) return { ids, truncated: false };
    // The last token closes the text and stays last.
    return { ids: [...ids.slice(0, maxTokens - 1), ids.at(-1) as number], truncated: true };
  };
}

/** The text up to a space near `length`: tokens do not reach across spaces, so the beginning's are the text's first. */
function beginningOf(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = text.indexOf(' ', length);
  return end === -1 ? text : text.slice(0, end);
}
