import { useState } from 'react';
import { apiKey, signIn } from '../api/session.js';
import { useStore } from '../api/store.js';
import { Button } from '../ui/button.js';
import { Form, Input } from '../ui/field.js';

/** Asks for an API key. It stays in this tab and is sent to this console alone. */
export const SignIn = () => {
  const known = useStore(apiKey);
  const [key, setKey] = useState('');
  return (
    <main className="sign-in" id="main">
      <Form onSubmit={() => key.trim() !== '' && signIn(key.trim())}>
        <h1>Millrace</h1>
        <p className="soft">
          Use an API key: one created with <code>millrace keys create</code>, or one of <code>API_KEYS</code>,{' '}
          <code>API_KEYS_OPERATE</code> and <code>API_KEYS_READ</code> in the console’s environment.
        </p>
        <Input
          label="API key"
          type="password"
          value={key}
          onChange={setKey}
          isRequired
          problem={known === null ? undefined : 'Unknown, expired or revoked API key.'}
          hint="Stored in this tab only, until it is closed."
        />
        <Button kind="main" type="submit">
          Sign in
        </Button>
      </Form>
    </main>
  );
};
