import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTimeISO, GraphQLSafeInt, GraphQLURL } from 'graphql-scalars';
import { GraphQLUpload } from 'graphql-upload-ts';
import {
  formatLocalDateTime,
  parseLocalDateTime,
  type LocalDateTime as LocalDateTimeValue,
} from './transforms/local-date-time';

export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  description: 'An instant, RFC 3339 in UTC, such as 2026-11-23T20:00:00.000Z.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
});

export const SafeInt = new GraphQLScalarType({
  ...GraphQLSafeInt.toConfig(),
  name: 'SafeInt',
  description: 'Whole number to 2^53 - 1.',
  specifiedByURL: null,
});

export const Url = new GraphQLScalarType({
  ...GraphQLURL.toConfig(),
  name: 'URL',
  description: 'An address, such as https://example.org/cat.jpg.',
  specifiedByURL: null,
});

export const Upload = new GraphQLScalarType({
  ...GraphQLUpload.toConfig(),
  name: 'Upload',
  description: 'A file of a multipart request, as the GraphQL multipart request specification lays down.',
  specifiedByURL: null,
});

/** The libraries' scalars take a zone, 24:00 and 31 February, so this one is our own. */
export const LocalDateTime = new GraphQLScalarType<LocalDateTimeValue, string>({
  name: 'LocalDateTime',
  description:
    'Clock time without zone: 2018-07-20T15:00 with optional seconds. A zone, 24:00 and days that do not exist are refused.',
  serialize: (value) => formatLocalDateTime(value as LocalDateTimeValue),
  parseValue: (value) => parse(value),
  parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
});

function parse(value: unknown): LocalDateTimeValue {
  try {
    return parseLocalDateTime(typeof value === 'string' ? value : '');
  } catch (error) {
    throw new GraphQLError((error as Error).message);
  }
}
