/**
 * The bare floor of the Postgres sink: read, insert into the same table, acknowledge.
 *
 *   REDIS_URL, DATABASE_URL, FLOOR_TOPICS=a,b
 */
import { Redis } from 'ioredis';
import pg from 'pg';
import { topicKey } from './functions.mjs';
import { acknowledge, readTopics } from './read-topics.mjs';

const { REDIS_URL, DATABASE_URL, FLOOR_TOPICS } = process.env;
const redis = new Redis(REDIS_URL);
const client = new pg.Client({ connectionString: DATABASE_URL });
await client.connect();
await client.query(`CREATE TABLE IF NOT EXISTS millrace_events (
  topic text NOT NULL, source text NOT NULL, id text NOT NULL, type text NOT NULL, subject text, time timestamptz,
  datacontenttype text, dataschema text, data jsonb, data_base64 text, extensions jsonb, stream_id text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (topic, source, id))`);
const topics = new Map(FLOOR_TOPICS.split(',').map((topic) => [topicKey(topic), topic]));

const INSERT = `INSERT INTO millrace_events (topic, source, id, type, time, data, stream_id)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[], $7::text[])
  ON CONFLICT DO NOTHING`;

for await (const answer of readTopics(REDIS_URL, FLOOR_TOPICS.split(','), 500)) {
  const columns = [[], [], [], [], [], [], []];
  for (const [key, rows] of answer) {
    for (const [id, fields] of rows) {
      const event = JSON.parse(fields[3]);
      columns[0].push(topics.get(key));
      columns[1].push(event.source);
      columns[2].push(event.id);
      columns[3].push(event.type);
      columns[4].push(event.time);
      columns[5].push(JSON.stringify(event.data));
      columns[6].push(id);
    }
  }
  await client.query({ name: 'insert', text: INSERT, values: columns });
  await acknowledge(redis, answer);
}
