/**
 * What templates (`{node.alias}`) and expressions (`$node.alias`) may name:
 *
 * - `node`: implementation, version, profile, name (unique in the run), alias (at most 32 characters), seed (64 hex digits: the same
 *   seed is the same node, where the program can take one), password (random), volume (as the program sees it), settings (of version
 *   and profile), publicKey (once it is known)
 * - `listen.<port>.host`, `.port`: what to listen on; `announced.<port>.host`, `.port`: where other containers reach it
 * - `chain`: host, port, user, password, url, zmqBlock, zmqTx, wallet; `electrum`: host, port
 * - `secrets.<name>`
 * - `version`
 * - in steps also `params` (of the operation, in wire form), `got.<as>`, and `result` (the latest answer)
 * - in expressions also `$nothing`, which leaves a field out
 */
export type Values = Readonly<Record<string, unknown>>;

/** Everything in the values that no message, log or report may show. */
function secretsIn(values: Values): readonly string[] {
  const { node, chain, secrets } = values as Readonly<Record<string, Values | undefined>>;
  const all = [node?.password, chain?.password, ...Object.values(secrets ?? {})];
  return all
    .filter((secret): secret is string => typeof secret === 'string' && secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .sort((a, b) => b.length - a.length);
}

export const withoutSecrets = (text: string, values: Values): string =>
  secretsIn(values).reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
