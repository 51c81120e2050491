import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './server';

/** A fenced block of a document. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

export function readDocument(name: string): string {
  return readFileSync(path.join(ROOT, name), 'utf8');
}

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/** The rows of the first table whose header begins with this cell, without code quotes. */
export function tableOf(markdown: string, firstCell: string): string[][] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${firstCell} |`));
  if (start === -1) throw new Error(`There is no table that begins with "${firstCell}".`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) => cellsOf(line));
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/^`|`$/g, ''));
}

/** The request that a curl command of a document makes, sent to another origin. */
export async function sendCurl(command: string, origin: string): Promise<unknown> {
  const options = [...command.matchAll(/-([HdF]) '([^']*)'/g)].map(([, flag = '', value = '']) => ({ flag, value }));
  const url = /http:\/\/localhost:4000\S*/.exec(command)?.[0].replace('http://localhost:4000', origin);
  if (url === undefined) throw new Error('The command names no address of the server.');
  const headers = options.filter(({ flag }) => flag === 'H').map(({ value }) => value.split(': ') as [string, string]);
  const form = options.filter(({ flag }) => flag === 'F').map(({ value }) => value);
  const body = form.length > 0 ? toForm(form) : options.find(({ flag }) => flag === 'd')?.value;
  const response = await fetch(url, { method: 'POST', headers, ...(body !== undefined && { body }) });
  return response.json();
}

function toForm(fields: readonly string[]): FormData {
  const form = new FormData();
  for (const field of fields) {
    const [name, value] = splitOnce(field, '=');
    if (!value.startsWith('@')) form.append(name, value);
    else form.append(name, new Blob([readFileSync(path.join(ROOT, value.slice(1)))]), path.basename(value));
  }
  return form;
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return [text.slice(0, index), text.slice(index + separator.length)];
}
