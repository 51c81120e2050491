import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const PREFIX = 'pql';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 12;
/** 256 bits: 43 characters out of 62. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 7;
const SHAPE = new RegExp(
  `^${PREFIX}_([0-9A-Za-z]{${ID_LENGTH}})_[0-9A-Za-z]{${SECRET_LENGTH}}[0-9a-z]{${CHECKSUM_LENGTH}}$`,
);

/** `misspelt`: it begins like a key, but its shape or its checksum is wrong, so that it cannot be one. */
export type ParsedApiKey =
  { readonly kind: 'key'; readonly id: string } | { readonly kind: 'misspelt' } | { readonly kind: 'other' };

export function createKeyId(): string {
  return randomText(ID_LENGTH);
}

/**
 * A new key: a prefix by which people and scanners of leaked secrets know it, the id under which it is found, the secret,
 * and a checksum by which a typing mistake is told from a key that does not exist.
 */
export function createApiKey(id: string): string {
  const key = `${PREFIX}_${id}_${randomText(SECRET_LENGTH)}`;
  return key + checksumOf(key);
}

export function parseApiKey(text: string): ParsedApiKey {
  if (!text.startsWith(`${PREFIX}_`)) return { kind: 'other' };
  const id = SHAPE.exec(text)?.[1];
  if (id === undefined || checksumOf(text.slice(0, -CHECKSUM_LENGTH)) !== text.slice(-CHECKSUM_LENGTH))
    return { kind: 'misspelt' };
  return { kind: 'key', id };
}

/**
 * What is stored of a key. One round of SHA-256 is right here: slow hashes protect what people think up, and nobody
 * guesses 256 random bits, while every request would pay for the slowness.
 */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function checksumOf(text: string): string {
  return crc32(text).toString(36).padStart(CHECKSUM_LENGTH, '0');
}

function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
