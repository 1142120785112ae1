/** The modules of every page. */
import "./confirm.js";
import "./copy-button.js";
import "./drafts.js";
import "./elapsed-time.js";
import "./forms.js";
import "./gallery.js";
import "./keyboard.js";
import "./reveal.js";
import "./message-list.js";
import "./relative-time.js";
import "./requests.js";
import "./row-keys.js";
import "./storyboard.js";
import "./swap-focus.js";
import "./row-selection.js";
import "./video-player.js";
