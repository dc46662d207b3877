module completions {

  export extern gv [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --help(-h)                # Print help
    --version(-V)             # Print version
  ]

  def "nu-complete gv install trust" [] {
    [ "any" "all" "checksum" ]
  }

  # Install Go versions, each proven authentic
  export extern "gv install" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --use                     # Make it current: what runs where nothing is pinned
    --force(-f)               # Install it again, in place of the one that is there
    --trust: string@"nu-complete gv install trust" # The proof to insist on: any (signature or checksum database), all (both), checksum (neither: unproven)
    --source: string          # Ask only this source (may be repeated): dl, dl+URL, files+URL, goproxy, goproxy+URL, dir:/PATH
    --json                    # Print what was installed as JSON
    --help(-h)                # Print help (see more with '--help')
    ...selectors: string      # 1.22.3, a line (1.22), latest, oldstable, or a range such as '~1.21.4'
  ]

  # Remove installed versions
  export extern "gv uninstall" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --force(-f)               # Remove it even if it is current, previous or in use
    --help(-h)                # Print help (see more with '--help')
    ...selectors: string      # What to remove: 1.22.3, or a line (1.22) for its newest installed release
  ]

  # Make an installed version current: what runs where nothing is pinned
  export extern "gv use" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --json                    # Print the new generation as JSON
    --help(-h)                # Print help (see more with '--help')
    selector: string          # 1.22.3, a line (1.22), latest, oldstable, or a range such as '>=1.21, <1.23'
  ]

  # The same as use, for those who know it by this name
  export extern "gv global" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --json                    # Print the new generation as JSON
    --help(-h)                # Print help (see more with '--help')
    selector: string          # 1.22.3, a line (1.22), latest, oldstable, or a range such as '>=1.21, <1.23'
  ]

  # Go back to the version that was current before
  export extern "gv rollback" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --to: string              # Go back to what was current in generation N of `gv history`
    --json                    # Print the new generation as JSON
    --help(-h)                # Print help (see more with '--help')
  ]

  # List what was current, and when
  export extern "gv history" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --json                    # Print JSON
    --help(-h)                # Print help (see more with '--help')
  ]

  # Pin this folder, and all below it, to a version: writes .go-version
  export extern "gv local" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --unset                   # Remove the .go-version of this folder
    --json                    # Print what is pinned here as JSON
    --help(-h)                # Print help (see more with '--help')
    selector?: string         # 1.22.3, a line (1.22), system, latest, oldstable, or a range
  ]

  # Give a Go that gv did not install a name, to be pinned by `gv local NAME`
  export extern "gv link" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --help(-h)                # Print help (see more with '--help')
    name: string              # A word of letters, digits, `.`, `_` and `-`
    dir: path                 # The GOROOT: the folder that holds bin/go
  ]

  # Take the name of a linked toolchain away
  export extern "gv unlink" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --help(-h)                # Print help
    name: string              # The name
  ]

  # List what is installed, or with --remote what there is
  export extern "gv list" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --remote                  # What the sources offer for this machine
    --all                     # With --remote: every patch release and pre-release
    --json                    # Print JSON
    --help(-h)                # Print help
    selector?: string         # Only what this selector means
  ]

  # Say which Go runs here, and why
  export extern "gv current" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --json                    # Print JSON
    --help(-h)                # Print help (see more with '--help')
  ]

  # Print the path of the program that the shim runs here
  export extern "gv which" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --version: string         # In this installed version instead of the one that runs here
    --json                    # Print JSON
    --help(-h)                # Print help
    program?: string          # go, gofmt, or another program of the toolchain
  ]

  # Run a command with an installed version, whatever the folder pins
  export extern "gv exec" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --help(-h)                # Print help (see more with '--help')
    selector: string          # The version: 1.22.3, 1.22, latest, …
    ...command: string        # The command and its arguments
  ]

  # Print GV_ROOT, the folder that holds everything
  export extern "gv root" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --help(-h)                # Print help
  ]

  def "nu-complete gv setup shells" [] {
    [ "bash" "zsh" "fish" ]
  }

  # Put gv and its shims on PATH, for bash, zsh and fish
  export extern "gv setup" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --dry-run                 # Show what would be done, and do nothing
    --undo                    # Take back what setup did to the shells
    --purge                   # With --undo: remove GV_ROOT and the configuration as well
    --shell: string@"nu-complete gv setup shells" # Only this shell (may be repeated), instead of those in use
    --gobin                   # Put GOBIN, or GOPATH/bin, behind the shims on PATH
    --no-gobin                # Leave GOBIN alone without asking
    --yes(-y)                 # With --purge: do not ask first
    --help(-h)                # Print help (see more with '--help')
  ]

  # Check every file of installed versions, and the proof of where they came from
  export extern "gv verify" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --all                     # Check every installed version
    --file: path              # Check the signature of this archive instead
    --signature: path         # Its detached signature [default: ARCHIVE.asc]
    --keys: path              # Check with the keys in this file alone; they have to be the pinned primary's
    --json                    # Print JSON
    --help(-h)                # Print help (see more with '--help')
    ...selectors: string      # What to check: 1.22.3, or a line (1.22) for its newest installed release
  ]

  # Put damaged versions right: fetch and prove them again
  export extern "gv repair" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --all                     # Look at every installed version
    --force(-f)               # Replace what is intact, too
    --source: string          # Ask only this source (may be repeated): dl, dl+URL, files+URL, goproxy, goproxy+URL, dir:/PATH
    --help(-h)                # Print help (see more with '--help')
    ...selectors: string      # What to repair: 1.22.3, or a line (1.22) for its newest installed release
  ]

  # Options that say what to prune; without any, all of it
  export extern "gv prune" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --dry-run(-n)             # Only show what would be removed
    --yes(-y)                 # Do not ask
    --toolchains              # Superseded patch releases and pre-releases
    --cache                   # Kept archives, and tiles of the checksum database
    --staging                 # What unfinished installs left, downloads that could be resumed included
    --generations             # All generations but the newest ten
    --json                    # Print JSON
    --help(-h)                # Print help
  ]

  # Show the key that Go's archives are signed with, or refresh it
  export extern "gv keys" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --json                    # Print JSON
    --help(-h)                # Print help (see more with '--help')
  ]

  # Learn new subkeys and revocations of the pinned primary; nothing known is ever dropped
  export extern "gv keys refresh" [
    --file: path              # A key file, instead of Google's own at dl.google.com
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --help(-h)                # Print help
  ]

  # Show every setting, its value and where the value came from
  export extern "gv config" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --path                    # Print the path of the file, which need not exist
    --json                    # Print JSON
    --help(-h)                # Print help (see more with '--help')
    key?: string              # Print the value of this setting alone
  ]

  def "nu-complete gv completions shell" [] {
    [ "bash" "zsh" "fish" "powershell" "elvish" "nushell" ]
  }

  # Print the completion script for a shell
  export extern "gv completions" [
    --quiet(-q)               # Say only what went wrong
    --verbose(-v)             # Say every step, with URLs and paths
    --offline                 # Use only what is on this machine: installed toolchains, the cache and `dir` sources
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete gv completions shell" # The shell
  ]

}

export use completions *
