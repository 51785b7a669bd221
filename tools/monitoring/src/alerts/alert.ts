/** critical: somebody is woken; warning: somebody looks at it in working hours. */
export type Severity = 'critical' | 'warning';

/** What whoever is woken reads. */
export interface Runbook {
  readonly means: string;
  /** What users notice. */
  readonly users: string;
  /** Queries for Prometheus, and what they tell. */
  readonly look: readonly (readonly [query: string, tells: string])[];
  /** What to do, in this order. */
  readonly act: readonly string[];
  /** When to wake somebody else, and whom. */
  readonly wake: string;
}

/** Series by name and labels → values a minute, in the notation of promtool. */
type Series = Readonly<Record<string, string>>;

export interface AlertExample {
  readonly series: Series;
  /** When to look, such as `10m`. */
  readonly at: string;
}

/** A rule of Prometheus, with its runbook, and with series that make it fire and that do not. */
export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  readonly expr: string;
  /** How long it must hold. */
  readonly for: string;
  readonly summary: string;
  /** May name labels as `{{ $labels.app }}`. */
  readonly description: string;
  readonly runbook: Runbook;
  /** With the labels that the alert then has, beside its severity. */
  readonly fires: AlertExample & { readonly labels: Readonly<Record<string, string>> };
  readonly rests: AlertExample;
}

/** Of the section about the alert, as GitHub and most others make it of a heading. */
export function anchorOf({ name }: Pick<Alert, 'name'>): string {
  return name.toLowerCase();
}
