// nlp.js (node-nlp) with its own settings: one intent a label, out of scope is its own intent "None". Speaks as in
// talking.py. What was learned is kept in the folder given as the first argument, named by the hash of the examples,
// since learning takes minutes.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const readline = require('readline');

const home = process.argv[2];
const { NlpManager } = require(require.resolve('node-nlp', { paths: [home] }));
const LANGUAGE = 'vi';
const NONE = 'None';

function say(words) {
  process.stdout.write(`${JSON.stringify(words)}\n`);
}

async function learn(examples, outOfScope) {
  const manager = new NlpManager({ languages: [LANGUAGE], forceNER: false, autoSave: false, nlu: { log: false } });
  const hash = crypto.createHash('sha256').update(JSON.stringify([examples, outOfScope])).digest('hex').slice(0, 16);
  const kept = path.join(home, `learned-${hash}.json`);
  if (fs.existsSync(kept)) {
    manager.load(kept);
    return manager;
  }
  for (const [text, label] of examples) {
    manager.addDocument(LANGUAGE, text, label === outOfScope ? NONE : label);
  }
  await manager.train();
  manager.save(kept, true);
  return manager;
}

async function main() {
  console.log = console.error;
  let manager;
  let outOfScope;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const told = JSON.parse(line);
    if (!manager) {
      outOfScope = told.out_of_scope;
      manager = await learn(told.examples, outOfScope);
      say({ ready: true });
      continue;
    }
    const before = process.cpuUsage();
    const found = await manager.process(LANGUAGE, told.text);
    const spent = process.cpuUsage(before);
    // Under its threshold nlp.js takes "None" though the classes below rank otherwise: that is silence, not a label.
    const labels = found.classifications
      .filter((one) => one.score > 0)
      .map((one) => (one.intent === NONE ? outOfScope : one.intent));
    say({ labels, sure: found.intent !== NONE, milliseconds: (spent.user + spent.system) / 1000 });
  }
}

main().catch((failure) => {
  console.error(failure);
  process.exit(1);
});
