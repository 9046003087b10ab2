import { Component, type ReactNode } from 'react';

interface BoundaryProps {
  /** What is shown: when it becomes something else, it is tried anew. */
  readonly of: string;
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly error: Error | undefined;
  readonly of: string;
}

/** Where a fault of the dashboard itself ends: what is around it stays, and there is a way on. A new version that took the old files away looks like one. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { error: undefined, of: '' };

  override componentDidCatch(error: Error): void {
    this.setState({ error, of: this.props.of });
  }

  override render(): ReactNode {
    const { error, of } = this.state;
    if (error === undefined || of !== this.props.of) return this.props.children;
    return (
      <div className="problem" role="alert">
        <strong>This page failed</strong>
        <p>{error.message}</p>
        <p>Load it anew: a new version may have come. If it fails again, the other pages still work; please report what stands here.</p>
        <button type="button" onClick={() => location.reload()}>
          Load it anew
        </button>
      </div>
    );
  }
}
