import { Component, type ReactNode } from 'react';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
}

interface Broken {
  /** What was thrown; null while nothing was. */
  readonly failure: { readonly error: unknown } | null;
}

/** In place of a page that cannot be drawn: what broke it, and a way back. React has no other form for this than a class. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, Broken> {
  override readonly state: Broken = { failure: null };

  static getDerivedStateFromError(error: unknown): Broken {
    return { failure: { error } };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    const { error } = failure;
    return (
      <div className="broken" role="alert">
        <p>Something broke: {error instanceof Error ? error.message : String(error)}</p>
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    );
  }
}
