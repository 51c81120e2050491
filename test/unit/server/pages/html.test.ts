import { Html, html } from '../../../../src/server/pages/html';

describe('html', () => {
  it('escapes what is put into it', () => {
    expect(html`<p title="${`"'`}">${'<script>&'} ${3}</p>`.text).toBe(
      '<p title="&quot;&#39;">&lt;script&gt;&amp; 3</p>',
    );
  });

  it('leaves HTML as it is, alone and in lists, and escapes texts beside it', () => {
    const items = [html`<li>${'<'}</li>`, new Html('<li></li>'), '<li>'];
    expect(html`${items}${new Html('<br>')}`.text).toBe('<li>&lt;</li><li></li>&lt;li&gt;<br>');
  });
});
