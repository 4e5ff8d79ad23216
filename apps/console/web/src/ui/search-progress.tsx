import type { Search } from '../api/use-pages.js';
import { Button } from './button.js';
import { clock, count } from './format.js';
import { Progress } from './progress.js';

/** How far a search has come, and whether it goes on. */
export const SearchProgress = ({ what, search }: { what: string; search: Search }) => {
  const { looked, total, reachedAt, isLoading, hasMore, more, stop } = search;
  if (!hasMore) return null;
  return (
    <div className="row below">
      <Progress label="Searched" done={looked} of={Math.max(total, looked)} />
      <span className="soft">
        {count(looked)} of {count(Math.max(total, looked))} {what} searched
        {reachedAt === null ? '' : `, up to ${clock(reachedAt)}`}
      </span>
      <Button kind="quiet" onClick={isLoading ? stop : more}>
        {isLoading ? 'Stop' : 'Load more'}
      </Button>
    </div>
  );
};
