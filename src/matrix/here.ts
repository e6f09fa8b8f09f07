import { isBoltgridError } from '../core/error.ts';
import { packageFolder } from '../nodes/package.ts';
import type { NodePlan } from '../nodes/resolve.ts';

/** Why a node cannot be started on this machine, in words for the report; `undefined` when nothing is known against it. */
export function whyNotHere(node: NodePlan): string | undefined {
  if (node.package === undefined) return undefined;
  try {
    packageFolder(node.package, node.manifest.folder);
    return undefined;
  } catch (error) {
    if (isBoltgridError(error)) return error.message;
    throw error;
  }
}
