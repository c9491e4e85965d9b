import { useEffect, useReducer, useRef } from "preact/hooks";

/** A value that components can follow. */
export class Store<T> {
  private readonly followers = new Set<() => void>();

  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    if (value === this.value) return;
    this.value = value;
    for (const follower of [...this.followers]) follower();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value));
  }

  follow(follower: () => void): () => void {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }
}

/** What `select` takes from the store; the component renders anew when that is another. */
export function useStore<T, S>(store: Store<T>, select: (value: T) => S): S {
  const [, renderAnew] = useReducer((count: number) => count + 1, 0);
  const latest = useRef(select);
  latest.current = select;
  const selected = select(store.get());
  const shown = useRef(selected);
  shown.current = selected;
  useEffect(() => {
    const look = () => {
      if (latest.current(store.get()) !== shown.current) renderAnew(0);
    };
    // Something may have changed between the first render and now.
    look();
    return store.follow(look);
  }, [store]);
  return selected;
}
