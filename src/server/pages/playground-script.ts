import { GRAPHQL_PATH } from '../paths';

/**
 * A function, as text, that starts Altair with its options. It runs in the browser, since only there it is known under
 * which address the server is reached. Altair opens on its last tab; a first visit begins with the first.
 */
export const START = `((options) => {
  const endpoint = new URL('${GRAPHQL_PATH}', location.href);
  const endpointURL = endpoint.href;
  endpoint.protocol = endpoint.protocol.replace('http', 'ws');
  for (const tab of [options, ...options.initialWindows])
    Object.assign(tab, { endpointURL, subscriptionsEndpoint: endpoint.href });
  window.WebSocket = class extends WebSocket {
    constructor(...place) {
      super(...place);
      this.addEventListener('close', ({ code, reason }) => code >= 4000 && reason && notify(reason));
    }
  };
  AltairGraphQL.init(options);
  const visited = options.instanceStorageNamespace + 'visited';
  if (localStorage.getItem(visited)) return;
  localStorage.setItem(visited, 'yes');
  const observer = new MutationObserver(() => {
    const tabs = document.querySelectorAll('.window-switcher__item:not(.window-switcher__item--new-window)');
    if (tabs.length < options.initialWindows.length) return;
    observer.disconnect();
    tabs[0].click();
  });
  observer.observe(document.body, { childList: true, subtree: true });

  // Altair says "Server Error. Check that your server is up" of each connection that is refused, whatever the reason.
  function notify(reason) {
    const notice = document.createElement('p');
    notice.setAttribute('role', 'alert');
    notice.style = 'position: fixed; inset: auto 1rem 1rem auto; z-index: 9999; max-width: 40rem; margin: 0; padding: 1rem; border-left: 4px solid #f87171; background: #161b24; color: #e7eaf2; cursor: pointer';
    notice.textContent = 'The server closed the connection: ' + reason;
    notice.onclick = () => notice.remove();
    setTimeout(notice.onclick, 15_000);
    document.body.append(notice);
  }
})`;
