// The entry of the page: `App` chooses the view by the address, the folders are views by what they show, `frame` is what
// all of them stand in, `data` speaks with the server.
import './frame/frame.css';
import { render } from 'preact';
import { App } from './app.js';
import { followServer } from './data/events.js';
import { keepFocus } from './frame/keep-focus.js';
import { leaveFields } from './frame/leave-page.js';
import { logInByAddress } from './frame/login.js';
import { followAddress } from './frame/router.js';
import { applyTheme } from './frame/theme.js';

applyTheme();
await logInByAddress();
followAddress();
followServer();
keepFocus();
leaveFields();
const place = document.getElementById('page');
// What stood there until the program had come.
place?.replaceChildren();
if (place) render(<App />, place);
