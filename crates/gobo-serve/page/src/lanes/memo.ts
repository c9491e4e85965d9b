import { Component, type FunctionComponent } from "preact";

/** A component that is rendered anew only when one of its properties is another. */
export function memo<P extends object>(render: FunctionComponent<P>): FunctionComponent<P> {
  const Inner = render;
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const keys = Object.keys(next) as (keyof P)[];
      return keys.some((key) => next[key] !== this.props[key]);
    }
    override render() {
      return Inner(this.props as P & { children?: never }, undefined);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}
