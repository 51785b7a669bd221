/** What `npm audit --json` says of one package. */
interface AuditedPackage {
  readonly name: string;
  readonly severity: string;
  /** Advisories of its own, and names of packages that it has them from. */
  readonly via: ReadonlyArray<string | { readonly url: string; readonly title: string }>;
}

/** The report of `npm audit --json`, as far as it is judged. */
export interface AuditReport {
  readonly vulnerabilities?: Readonly<Record<string, AuditedPackage>>;
  /** Where the registry does not serve advisories. */
  readonly message?: string;
}

/** An advisory that is known and does no harm here, and why; until a day, on which it is looked at anew. */
export interface AuditException {
  /** Of the advisory. */
  readonly url: string;
  readonly package: string;
  readonly reason: string;
  /** `YYYY-MM-DD`. */
  readonly until: string;
}

export type AuditVerdict =
  | { readonly kind: 'UNKNOWN'; readonly why: string }
  | { readonly kind: 'JUDGED'; readonly problems: readonly string[] };

/** Every advisory is explained or a problem, and so is an exception that is over, or that nothing needs any more. */
export function judgeAudit(report: AuditReport, exceptions: readonly AuditException[], today: string): AuditVerdict {
  const { vulnerabilities } = report;
  if (vulnerabilities === undefined)
    return { kind: 'UNKNOWN', why: report.message ?? 'the report has no vulnerabilities' };
  const found = Object.values(vulnerabilities).flatMap(({ name, severity, via }) =>
    via.flatMap((advisory) => (typeof advisory === 'string' ? [] : [{ ...advisory, name, severity }])),
  );
  const explains = (exception: AuditException, { url, name }: (typeof found)[number]) =>
    exception.url === url && exception.package === name;
  return {
    kind: 'JUDGED',
    problems: [
      ...found
        .filter((advisory) => !exceptions.some((exception) => explains(exception, advisory)))
        .map(({ name, severity, title, url }) => `${name} (${severity}): ${title}, ${url}`),
      ...exceptions
        .filter(({ until }) => until < today)
        .map(
          ({ package: name, url, until }) => `the exception for ${name} (${url}) was until ${until}: look at it anew`,
        ),
      ...exceptions
        .filter((exception) => !found.some((advisory) => explains(exception, advisory)))
        .map(({ package: name, url }) => `nothing needs the exception for ${name} (${url}) any more`),
    ],
  };
}
