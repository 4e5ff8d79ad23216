import {
  isSampledTrace,
  isTraceparent,
  traceContext,
  traceContextOf,
  traceIdOf,
  withTraceContext,
} from '../src/index.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const CE = '"specversion":"1.0","id":"1","source":"/s","type":"t"';

describe('isTraceparent', () => {
  it('takes what W3C Trace Context has', () => {
    expect(isTraceparent(PARENT)).toBe(true);
    expect(isTraceparent(PARENT.replace('-01', '-00'))).toBe(true);
    expect(isTraceparent(`01-${TRACE}-b7ad6b7169203331-01-what-is-to-come`)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['version 00 with more', `${PARENT}-more`],
    ['version ff', `ff${PARENT.slice(2)}`],
    ['no trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['no parent', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', PARENT.toUpperCase()],
    ['a line end', `${PARENT}\n`],
    ['a long tail', `01${PARENT.slice(2)}-${'x'.repeat(100)}`],
  ])('refuses %s', (_, text) => expect(isTraceparent(text)).toBe(false));
});

describe('traceContext', () => {
  it('reads the flag and the id', () => {
    const context = { traceparent: PARENT };
    expect(traceIdOf(context)).toBe(TRACE);
    expect(isSampledTrace(context)).toBe(true);
    expect(isSampledTrace({ traceparent: PARENT.replace('-01', '-02') })).toBe(false);
  });

  it('leaves out a tracestate that is none', () => {
    expect(traceContext(PARENT, 'a=1,b=2')).toEqual({ traceparent: PARENT, tracestate: 'a=1,b=2' });
    for (const none of ['', 'a=\r\nb: 1', 'é=1', 'x'.repeat(513), ['a=1', 'b=2'], undefined]) {
      expect(traceContext(PARENT, none)).toEqual({ traceparent: PARENT });
    }
    expect(traceContext('no', 'a=1')).toBeUndefined();
    expect(traceContext([PARENT, PARENT])).toBeUndefined();
  });
});

describe('traceContextOf', () => {
  it('finds the member wherever it is', () => {
    const context = { traceparent: PARENT };
    expect(traceContextOf(`{"traceparent":"${PARENT}",${CE}}`)).toEqual(context);
    expect(traceContextOf(`{ ${CE}, "traceparent" : "${PARENT}" }`)).toEqual(context);
    expect(traceContextOf(`{"traceparent":"${PARENT}",${CE},"tracestate":"a=\\"1"}`)).toEqual({
      ...context,
      tracestate: 'a="1',
    });
  });

  it('is not led astray by data, by what is no traceparent, or by what is no JSON', () => {
    expect(traceContextOf(`{${CE},"data":{"traceparent":"${PARENT}"}}`)).toBeUndefined();
    expect(traceContextOf(`{${CE},"data":{"traceparent":"${PARENT}"},"traceparent":7}`)).toBeUndefined();
    expect(traceContextOf(`{"traceparent":"${PARENT}`)).toBeUndefined();
    expect(traceContextOf(`{"\\x":1,"traceparent":"${PARENT}"}`)).toBeUndefined();
    expect(traceContextOf('{"traceparent":""}')).toBeUndefined();
  });
});

describe('withTraceContext', () => {
  it('writes it in front and touches nothing else', () => {
    const json = `{ ${CE},"data":{"n":1.0} }`;
    expect(withTraceContext(json, { traceparent: PARENT })).toBe(
      `{"traceparent":"${PARENT}", ${CE},"data":{"n":1.0} }`,
    );
    const both = withTraceContext(json, { traceparent: PARENT, tracestate: 'a="1"' });
    expect(both).toBe(`{"traceparent":"${PARENT}","tracestate":"a=\\"1\\"", ${CE},"data":{"n":1.0} }`);
    expect(traceContextOf(both)).toEqual({ traceparent: PARENT, tracestate: 'a="1"' });
  });

  it('leaves an event alone that brings its own, however it is written', () => {
    for (const own of ['"traceparent":"x"', '"trace\\u0070arent":"x"', '"tracestate":"a=1"']) {
      expect(withTraceContext(`{${CE},${own}}`, { traceparent: PARENT })).toBe(`{${CE},${own}}`);
    }
    const inData = `{${CE},"data":{"traceparent":"x"}}`;
    expect(withTraceContext(inData, { traceparent: PARENT })).toBe(`{"traceparent":"${PARENT}",${inData.slice(1)}`);
  });
});
