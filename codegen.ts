import type { CodegenConfig } from '@graphql-codegen/cli';

/** Generates the types of the client, and of each operation, from the schema's text: it needs no running server. */
const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: 'schema/operations/*.graphql',
  generates: {
    'src/client/generated/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: false,
        // For servers that answer only operations they know, and for clients that send a hash instead of a text.
        persistedDocuments: { mode: 'embedHashInDocument', hashPropertyName: 'hash', hashAlgorithm: 'sha256' },
      },
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        useTypeImports: true,
        immutableTypes: true,
        strictScalars: true,
        scalars: {
          DateTime: 'string',
          LocalDateTime: 'string',
          SafeInt: 'number',
          URL: 'string',
          Upload: 'Blob',
        },
      },
    },
  },
};

export default config;
