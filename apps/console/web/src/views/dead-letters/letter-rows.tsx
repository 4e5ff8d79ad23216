import type { DeadLetter, DeadLetterFilter, DeadLetterPage } from '@millrace/admin-api';
import { withQuery } from '../../api/address.js';
import { usePages } from '../../api/use-pages.js';
import { go, href } from '../../shell/location.js';
import { clock } from '../../ui/format.js';
import { Empty, Loading, Problem } from '../../ui/panel.js';
import { SearchProgress } from '../../ui/search-progress.js';
import { VirtualList } from '../../ui/virtual-list.js';

const PAGE = 200;
const keyOf = ({ group, partition, id }: DeadLetter): string => `${group}/${partition}/${id}`;
const lettersOf = ({ deadLetters }: DeadLetterPage): readonly DeadLetter[] => deadLetters;

/** The dead letters that fit, the newest first. */
export const LetterRows = ({ filter, chosen }: { filter: DeadLetterFilter; chosen: string | undefined }) => {
  const pages = usePages(withQuery('dead-letters', { ...filter, limit: PAGE }), lettersOf);
  const { items: letters, isLoading, hasMore, error, nearEnd, reload } = pages;
  return (
    <>
      <Problem error={error} onRetry={reload} />
      {letters.length === 0 && isLoading && !hasMore ? <Loading what="dead letters" /> : null}
      {letters.length === 0 && !isLoading && !hasMore && error === undefined ? <Empty title="No matches." /> : null}
      <VirtualList
        label="Dead letters"
        items={letters}
        keyOf={keyOf}
        rowHeight={46}
        maxRows={12}
        chosen={chosen}
        onChoose={({ group, partition, id }) => go(href(['dead-letters', group, partition, id], { ...filter }))}
        onNearEnd={nearEnd}
        row={({ group, error: name, message, lastFailedAt, stream }) => (
          <span className="letter-row">
            <span className="cut">
              <strong>{name}</strong> {message}
            </span>
            <span className="soft cut">
              {clock(lastFailedAt)} · {group} · {stream}
            </span>
          </span>
        )}
      />
      <SearchProgress what="dead letters" search={pages} />
    </>
  );
};
