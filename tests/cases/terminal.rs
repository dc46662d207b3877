//! What a person sees on a terminal.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::server::Lie;
use crate::support::{Sandbox, need};

/// A terminal of 20 rows in which `script` runs.
struct Terminal<'a> {
    gv: &'a Sandbox,
    tmux: &'a Path,
}

impl<'a> Terminal<'a> {
    fn start(gv: &'a Sandbox, tmux: &'a Path, columns: u32, script: &str) -> Terminal<'a> {
        let terminal = Terminal { gv, tmux };
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", &columns.to_string(), "-y", "20", script]);
        terminal
    }

    /// The socket is named relative to the folder: a whole path may be too long for one.
    fn tmux(&self, args: &[&str]) -> String {
        let mut command = self.gv.command(self.tmux);
        self.gv.output(command.current_dir(self.gv.folder()).args(["-S", "socket"]).args(args)).ok().stdout
    }

    /// The screen, once it shows this.
    #[track_caller]
    fn showing(&self, text: &str) -> String {
        let start = Instant::now();
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            if screen.contains(text) {
                return screen;
            }
            assert!(start.elapsed() < Duration::from_mins(1), "{text:?} does not appear on\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        // Whatever became of the test, nothing of it may go on.
        drop(self.gv.command(self.tmux).current_dir(self.gv.folder()).args(["-S", "socket", "kill-server"]).output());
    }
}

#[test]
fn row_45_after_ctrl_c_no_bar_is_left() {
    let Some(tmux) = need("tmux") else { return };
    for (columns, versions) in [(100, "1.22.3"), (60, "1.22.3"), (100, "1.22.3 1.21.13")] {
        let gv = Sandbox::new().sources(&["dl"]).serving(["1.21.13", "1.22.3"]);
        gv.server().lie("/dl/*.tar.gz", Lie::StallAfter(100_000));
        let script = format!("trap : INT; bin/gv install {versions}; echo the end; exec sleep 60");
        let terminal = Terminal::start(&gv, &tmux, columns, &script);
        terminal.showing("97.66 KiB");
        terminal.tmux(&["send-keys", "C-c"]);
        let screen = terminal.showing("the end");
        assert!(screen.starts_with("warning: interrupted;"), "{screen}");
        assert!(!screen.contains("KiB"), "{screen}");
    }
}
