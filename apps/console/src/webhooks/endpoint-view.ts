import type { EndpointView } from '@millrace/admin-api';
import { HIDDEN, shownUrl } from '@millrace/endpoints';

/** An endpoint without the path of its address: for whoever may not change it. */
export const withoutPath = (view: EndpointView): EndpointView => {
  if (view.endpoint === null) return view;
  const text = view.endpoint.url;
  const url = URL.canParse(text) ? shownUrl(new URL(text)) : HIDDEN;
  return { ...view, endpoint: { ...view.endpoint, url } };
};
