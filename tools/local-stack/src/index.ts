export type { StackFile } from './stack/stack-file.ts';
export type { PartsFile } from './commands/parts-command.ts';
export { Ports } from './ports.ts';
export { openFaultParts, type FaultParts, type FaultPartsOptions } from './faults/open-fault-parts.ts';
export type { FaultLink, PartAddresses } from './faults/fault-links.ts';
export type { PostgresSnapshot } from './faults/postgres-snapshot.ts';
export type { RestartablePart } from './faults/restartable-part.ts';
export type { FillableDisk } from './faults/small-disk.ts';
export {
  openSecuredParts,
  type Login,
  type SecuredParts,
  type SecuredPartsOptions,
} from './secured/open-secured-parts.ts';
export type { Certificates } from './secured/certificates.ts';
