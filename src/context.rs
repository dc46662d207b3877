//! What a command works with: the environment, the person at the terminal, the settings and the store.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::audit::Auditor;
use crate::config::Config;
use crate::environment::Environment;
use crate::error::Result;
use crate::install::Installer;
use crate::net::{Client, NetConfig};
use crate::source::{self, Access, Source};
use crate::store::{Layout, Settings, Store, shims};
use crate::ui::Ui;
use crate::verify::Roots;

/// Everything that a command may use; made once per process.
#[derive(Debug)]
pub struct Context {
    /// The environment, read once.
    pub env: Environment,
    /// The person at the terminal.
    pub ui: Ui,
    /// The roots of trust that the program was built with.
    pub roots: Roots,
    /// Options that go before settings: `(key, value, option)`.
    overrides: Vec<(&'static str, String, &'static str)>,
    config: OnceCell<Config>,
    program: Option<PathBuf>,
}

impl Context {
    /// `program` is the path of the running gv, if it could be told.
    pub fn new(env: Environment, ui: Ui, roots: Roots, program: Option<PathBuf>) -> Context {
        Context { env, ui, roots, overrides: Vec::new(), config: OnceCell::new(), program }
    }

    /// Lets an option of the command line go before the setting `key`.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>, option: &'static str) -> Context {
        self.overrides.push((key, value.into(), option));
        self
    }

    /// The settings, read when first asked for.
    pub fn config(&self) -> Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let mut config = Config::load(&self.env)?;
        for (key, value, option) in &self.overrides {
            config.set(key, value, option)?;
        }
        Ok(self.config.get_or_init(|| config))
    }

    /// Where everything lies, or will lie.
    ///
    /// # Errors
    /// Nothing can lie there; see [`Layout::check`].
    pub fn layout(&self) -> Result<Layout> {
        let layout = self.named_layout()?;
        layout.check()?;
        Ok(layout)
    }

    /// Where everything would lie, whatever is there: for commands that only name it.
    pub fn named_layout(&self) -> Result<Layout> {
        Layout::from_env(&self.env, self.program.as_deref())
    }

    /// The store, open for reading.
    pub fn store(&self) -> Result<Store> {
        let config = self.config()?;
        let settings = Settings {
            patience: Duration::from_secs(config.count("lock.timeout")),
            sync: config.is_on("install.sync"),
            shim: self.program.as_deref().and_then(shims::beside),
            program: self.program.clone(),
        };
        Store::open(self.named_layout()?, settings)
    }

    /// The network, for work that ends soon after `interrupted` is set.
    pub fn client(&self, interrupted: Arc<AtomicBool>) -> Result<Client> {
        let config = self.config()?;
        let seconds = |key| Duration::from_secs(config.count(key));
        let net = NetConfig {
            proxy: config.optional("network.proxy").map(str::to_owned),
            ca_file: config.optional("network.ca_file").map(PathBuf::from),
            client_cert: config.optional("network.client_cert").map(PathBuf::from),
            connect_timeout: seconds("network.connect_seconds"),
            stall_timeout: seconds("network.stall_seconds"),
            rate_window: seconds("network.stall_seconds"),
            retries: u32::try_from(config.count("network.retries")).unwrap_or(u32::MAX),
            offline: config.is_on("offline"),
            ..NetConfig::default()
        };
        Ok(Client::new(net, self.env.clone(), interrupted))
    }

    /// What sources need to answer.
    pub fn access<'a>(&self, client: &'a Client, cache: &'a Path) -> Result<Access<'a>> {
        let max_age = Duration::from_secs(self.config()?.count("cache.index_seconds"));
        Ok(Access { client, cache, max_age })
    }

    /// What installs, as the configuration has it, from these sources.
    pub fn installer<'a>(
        &'a self,
        store: &'a Store,
        sources: &'a [Source],
        access: Access<'a>,
    ) -> Result<Installer<'a>> {
        let config = self.config()?;
        Ok(Installer {
            store,
            sources,
            access,
            roots: &self.roots,
            trust: config.trust(),
            writers: usize::try_from(config.count("install.writers")).unwrap_or(2).min(8),
            keep: config.is_on("cache.keep"),
            ui: &self.ui,
        })
    }

    /// What checks installed toolchains.
    pub fn auditor<'a>(&'a self, store: &'a Store) -> Result<Auditor<'a>> {
        Ok(Auditor { store, roots: &self.roots, trust: self.config()?.trust() })
    }

    /// The configured sources, in order; offline, those of this machine alone.
    pub fn sources(&self) -> Result<Vec<Source>> {
        let config = self.config()?;
        self.parse_sources(&config.words("sources")).map_err(|error| match config.get("sources") {
            Some(value) => error.during(format!("cannot use the setting `sources` ({})", value.origin)),
            None => error,
        })
    }

    /// Reads a list of sources.
    pub fn parse_sources(&self, texts: &[String]) -> Result<Vec<Source>> {
        let mut goroots: Vec<PathBuf> = Vec::new();
        if texts.iter().any(|text| text == "goproxy") {
            let store = self.store()?;
            goroots.extend(store.installed()?.iter().rev().map(|version| store.layout().toolchain(version)));
            goroots.extend(source::system_goroot(&self.env));
        }
        texts.iter().map(|text| Source::parse(text, &self.env, &goroots)).collect()
    }

    /// The running gv.
    pub fn program(&self) -> Option<&PathBuf> {
        self.program.as_ref()
    }
}
