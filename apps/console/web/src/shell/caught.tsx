import { Component, type ReactNode } from 'react';
import { Problem } from '../ui/panel.js';

/** A view that fails says so in its place; the others go on. */
export class Caught extends Component<{ readonly children: ReactNode }, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <Problem error={new Error(`This view failed: ${error.message}. Reload the page, or open another view.`)} />;
  }
}
