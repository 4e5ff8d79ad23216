import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';

interface VirtualListProps<T> {
  readonly label: string;
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** Pixels; every row is of the same height. */
  readonly rowHeight: number;
  /** Rows to be seen at once, at most. */
  readonly maxRows?: number;
  readonly row: (item: T) => ReactNode;
  readonly chosen?: string | undefined;
  readonly onChoose?: (item: T) => void;
  /** The end is near: time to read on. */
  readonly onNearEnd?: (() => void) | undefined;
}

const BEYOND = 8;
const NEAR_END_ROWS = 20;

/**
 * Draws only the rows that are in sight, so that ten thousand cost what twenty do. Arrow keys, Home and End go from row to
 * row; the list is one stop of the tab key.
 */
export const VirtualList = <T,>(props: VirtualListProps<T>) => {
  const { label, items, keyOf, rowHeight, maxRows = 18, row, chosen, onChoose, onNearEnd } = props;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [active, setActive] = useState(0);
  const height = Math.min(items.length, maxRows) * rowHeight;
  const first = Math.max(0, Math.floor(top / rowHeight) - BEYOND);
  const last = Math.min(items.length, Math.ceil((top + height) / rowHeight) + BEYOND);

  useEffect(() => {
    if (items.length - last < NEAR_END_ROWS) onNearEnd?.();
  }, [items.length, last, onNearEnd]);

  // The row stays in sight that the keyboard went to.
  useLayoutEffect(() => {
    const list = box.current;
    if (list === null || document.activeElement !== list) return;
    const at = active * rowHeight;
    if (at < list.scrollTop) list.scrollTop = at;
    else if (at + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = at + rowHeight - list.clientHeight;
  }, [active, rowHeight]);

  const press = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const to = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    const item = items[active];
    if (to !== undefined) setActive(Math.max(0, Math.min(items.length - 1, to)));
    else if ((event.key === 'Enter' || event.key === ' ') && item !== undefined) onChoose?.(item);
    else return;
    event.preventDefault();
  };

  const idOf = (index: number) => `${label.replaceAll(/\W+/g, '-')}-${index}`;
  return (
    <div
      ref={box}
      className="virtual"
      role="listbox"
      aria-label={label}
      aria-activedescendant={active >= first && active < last ? idOf(active) : undefined}
      tabIndex={0}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={press}
      style={{ height }}
    >
      <div role="presentation" className="whole" style={{ height: items.length * rowHeight }}>
        {items.slice(first, last).map((item, i) => {
          const index = first + i;
          const key = keyOf(item);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus
            <div
              key={key}
              id={idOf(index)}
              role="option"
              aria-selected={key === chosen}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              className={`line${index === active ? ' active' : ''}`}
              style={{ height: rowHeight, transform: `translateY(${index * rowHeight}px)` }}
              onClick={() => {
                setActive(index);
                onChoose?.(item);
              }}
            >
              {row(item)}
            </div>
          );
        })}
      </div>
    </div>
  );
};
