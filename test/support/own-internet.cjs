// Loaded into a server before it starts (`node --require`): in place of the internet's name servers it has those of
// OWN_INTERNET, and one address beside the public ones that may be connected to. No setting of the server can do this.
const composition = require('../../dist/app');
const { isPublicAddress } = require('../../dist/downloads/public-address');

const { names, reachable } = JSON.parse(process.env.OWN_INTERNET);
const asked = new Map();
const { createApp } = composition;

composition.createApp = (config, log, parts) => {
  const downloadNetwork = {
    // A list of lists: what a name leads to the first time, the second time and so on.
    async resolve(hostname) {
      const time = asked.get(hostname) ?? 0;
      asked.set(hostname, time + 1);
      const answers = names[hostname] ?? [];
      return answers[time % answers.length] ?? [];
    },
    isAllowedAddress: (address) => address === reachable || isPublicAddress(address),
  };
  return createApp(config, log, { ...parts, downloadNetwork });
};
