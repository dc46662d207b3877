
use builtin;
use str;

set edit:completion:arg-completer[gv] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'gv'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'gv'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand install 'Install Go versions, each proven authentic'
            cand uninstall 'Remove installed versions'
            cand remove 'Remove installed versions'
            cand use 'Make an installed version current: what runs where nothing is pinned'
            cand global 'The same as use, for those who know it by this name'
            cand rollback 'Go back to the version that was current before'
            cand history 'List what was current, and when'
            cand local 'Pin this folder, and all below it, to a version: writes .go-version'
            cand link 'Give a Go that gv did not install a name, to be pinned by `gv local NAME`'
            cand unlink 'Take the name of a linked toolchain away'
            cand list 'List what is installed, or with --remote what there is'
            cand ls 'List what is installed, or with --remote what there is'
            cand current 'Say which Go runs here, and why'
            cand which 'Print the path of the program that the shim runs here'
            cand exec 'Run a command with an installed version, whatever the folder pins'
            cand root 'Print GV_ROOT, the folder that holds everything'
            cand setup 'Put gv and its shims on PATH, for bash, zsh and fish'
            cand verify 'Check every file of installed versions, and the proof of where they came from'
            cand repair 'Put damaged versions right: fetch and prove them again'
            cand prune 'Options that say what to prune; without any, all of it'
            cand keys 'Show the key that Go''s archives are signed with, or refresh it'
            cand config 'Show every setting, its value and where the value came from'
            cand completions 'Print the completion script for a shell'
        }
        &'gv;install'= {
            cand --trust 'The proof to insist on: any (signature or checksum database), all (both), checksum (neither: unproven)'
            cand --source 'Ask only this source (may be repeated): dl, dl+URL, files+URL, goproxy, goproxy+URL, dir:/PATH'
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --use 'Make it current: what runs where nothing is pinned'
            cand -f 'Install it again, in place of the one that is there'
            cand --force 'Install it again, in place of the one that is there'
            cand --json 'Print what was installed as JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;uninstall'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand -f 'Remove it even if it is current, previous or in use'
            cand --force 'Remove it even if it is current, previous or in use'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;remove'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand -f 'Remove it even if it is current, previous or in use'
            cand --force 'Remove it even if it is current, previous or in use'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;use'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --json 'Print the new generation as JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;global'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --json 'Print the new generation as JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;rollback'= {
            cand --to 'Go back to what was current in generation N of `gv history`'
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --json 'Print the new generation as JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;history'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;local'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --unset 'Remove the .go-version of this folder'
            cand --json 'Print what is pinned here as JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;link'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;unlink'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'gv;list'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --remote 'What the sources offer for this machine'
            cand --all 'With --remote: every patch release and pre-release'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'gv;ls'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --remote 'What the sources offer for this machine'
            cand --all 'With --remote: every patch release and pre-release'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'gv;current'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;which'= {
            cand --version 'In this installed version instead of the one that runs here'
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'gv;exec'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;root'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'gv;setup'= {
            cand --shell 'Only this shell (may be repeated), instead of those in use'
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --dry-run 'Show what would be done, and do nothing'
            cand --undo 'Take back what setup did to the shells'
            cand --purge 'With --undo: remove GV_ROOT and the configuration as well'
            cand --gobin 'Put GOBIN, or GOPATH/bin, behind the shims on PATH'
            cand --no-gobin 'Leave GOBIN alone without asking'
            cand -y 'With --purge: do not ask first'
            cand --yes 'With --purge: do not ask first'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;verify'= {
            cand --file 'Check the signature of this archive instead'
            cand --signature 'Its detached signature [default: ARCHIVE.asc]'
            cand --keys 'Check with the keys in this file alone; they have to be the pinned primary''s'
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --all 'Check every installed version'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;repair'= {
            cand --source 'Ask only this source (may be repeated): dl, dl+URL, files+URL, goproxy, goproxy+URL, dir:/PATH'
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --all 'Look at every installed version'
            cand -f 'Replace what is intact, too'
            cand --force 'Replace what is intact, too'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;prune'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand -n 'Only show what would be removed'
            cand --dry-run 'Only show what would be removed'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --toolchains 'Superseded patch releases and pre-releases'
            cand --cache 'Kept archives, and tiles of the checksum database'
            cand --staging 'What unfinished installs left, downloads that could be resumed included'
            cand --generations 'All generations but the newest ten'
            cand --json 'Print JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'gv;keys'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand refresh 'Learn new subkeys and revocations of the pinned primary; nothing known is ever dropped'
        }
        &'gv;keys;refresh'= {
            cand --file 'A key file, instead of Google''s own at dl.google.com'
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'gv;config'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand --path 'Print the path of the file, which need not exist'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'gv;completions'= {
            cand -q 'Say only what went wrong'
            cand --quiet 'Say only what went wrong'
            cand -v 'Say every step, with URLs and paths'
            cand --verbose 'Say every step, with URLs and paths'
            cand --offline 'Use only what is on this machine: installed toolchains, the cache and `dir` sources'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}
