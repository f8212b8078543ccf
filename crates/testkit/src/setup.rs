//! The whole product over a fresh database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::{Actor, App, Ctx, Parts, Policy};
use axum::Router;
use db::{Db, Durability, Options};
use domain::clock::Clock;
use domain::time::Timestamp;
use gateways::object::MemoryStore;
use gateways::payment::Channels;
use gateways::sms::RecordingSender;
use server::wiring::{self, DrawnArt, KitSeal, KitSettings};
use vault::password::{Cost, Pool};
use vault::{Entropy, Keyring, SeededEntropy};
use web::Kit;
use web::kit::{Control, Limits};

use crate::browser::Browser;
use crate::clock::FakeClock;
use crate::line::Line;

/// The address under which the product believes itself to be.
pub const BASE_URL: &str = "http://baokao.test";

/// What a test may change before the product is put together anew ([`TestApp::with`]).
#[derive(Debug, Clone)]
pub struct Setup {
    /// The operator's decisions.
    pub policy: Policy,
    /// The operator's texts.
    pub site: web::Site,
    /// Bounds on requests.
    pub limits: Limits,
    /// Defences of the kit that a control run switches off.
    pub control: Control,
    /// Payment channels; see [`TestApp::with_channels`].
    pub channels: Channels,
    /// The address: an `https` one gives `__Host-` cookies.
    pub base_url: String,
    /// What hashing a password costs: next to nothing, unless the test is about it.
    pub password_cost: Cost,
    /// How many passwords may wait to be hashed before the next one is turned away.
    pub passwords_waiting: usize,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            site: web::Site {
                centre: "南屿市人事考试中心".into(),
                ..web::Site::default()
            },
            limits: Limits::default(),
            control: Control::default(),
            channels: Channels::default(),
            base_url: BASE_URL.into(),
            password_cost: Cost::cheap_for_tests(),
            passwords_waiting: 256,
        }
    }
}

/// The product over a fresh database of its own. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TestApp {
    /// The application: what use cases take through a `Ctx`.
    pub app: App,
    /// The web kit.
    pub kit: Kit,
    /// The clock; it stands still until it is turned.
    pub clock: Arc<FakeClock>,
    /// Every SMS that was sent.
    pub sms: RecordingSender,
    /// Files over 256 KB.
    pub objects: MemoryStore,
    /// The keys.
    pub keyring: Arc<Keyring>,
    /// How its database was opened: for backups.
    pub options: Options,
    /// How it was put together.
    pub setup: Setup,
    pub(crate) router: Router,
    pub(crate) entropy: Arc<dyn Entropy>,
    visitors: Arc<AtomicU32>,
    people: Arc<AtomicU32>,
    folder: Arc<tempfile::TempDir>,
    line: Option<Line>,
}

/// No test is about the limit of a read unless it says so, and the machines are slow at times.
fn generous(options: Options) -> Options {
    let long = Duration::from_secs(20);
    Options {
        read_limit: long,
        scan_limit: long,
        command_limit: long,
        durability: Durability::Off,
        ..options
    }
}

impl TestApp {
    /// Over an empty SQLite database.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("baokao.db").display());
        Self::over(generous(Options::new(url)), folder).await
    }

    /// Over an empty PostgreSQL database.
    pub async fn postgres() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::over(
            generous(Options::new(db::testing::fresh_database())),
            folder,
        )
        .await
    }

    /// Over an empty PostgreSQL database, reached over a [`Line`] that the test can cut. Reads have a limit of two seconds.
    pub async fn on_a_line() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (line, url) = Line::to(&db::testing::fresh_database()).await;
        let limit = Duration::from_secs(2);
        let options = Options {
            read_limit: limit,
            scan_limit: limit,
            command_limit: limit,
            ..generous(Options::new(url))
        };
        Self {
            line: Some(line),
            ..Self::over(options, folder).await
        }
    }

    /// The line to its database, of an app made by [`TestApp::on_a_line`].
    pub fn line(&self) -> &Line {
        self.line.as_ref().expect("an app on a line")
    }

    /// Over a database of one's own making, for tests of limits and trouble.
    pub async fn over(options: Options, folder: tempfile::TempDir) -> Self {
        Self::over_anew(options, folder, 0).await
    }

    /// The same once more over a database that an earlier one filled: the same keys, other names and ids. `time` is a number
    /// that no time before had, below 1,000.
    pub async fn over_anew(options: Options, folder: tempfile::TempDir, time: u32) -> Self {
        let clock = Arc::new(FakeClock::default());
        db::migrate(&options, &app::schema::MIGRATIONS, clock.now().micros())
            .await
            .expect("migrations");
        let db = Db::open(options.clone()).await.expect("a database");
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(7));
        let keyring = Arc::new(Keyring::generate(entropy.as_ref()));
        let entropy: Arc<dyn Entropy> = match time {
            0 => entropy,
            _ => Arc::new(SeededEntropy::new(7_000 + u64::from(time))),
        };
        app::keys::bind(&db, &keyring, clock.now())
            .await
            .expect("the keyring fits");
        let sms = RecordingSender::new();
        let objects = MemoryStore::default();
        let setup = Setup::default();
        let (app, kit, router) = assemble(&Assembly {
            db: &db,
            clock: &clock,
            entropy: &entropy,
            keyring: &keyring,
            sms: &sms,
            objects: &objects,
            setup: &setup,
        });
        Self {
            app,
            kit,
            clock,
            sms,
            objects,
            keyring,
            options,
            setup,
            router,
            entropy,
            visitors: Arc::default(),
            people: Arc::new(AtomicU32::new(time * 1_000)),
            folder: Arc::new(folder),
            line: None,
        }
    }

    /// The same product on the same data with other settings: `t.with(|s| s.policy.sms = true)`.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = self.setup.clone();
        change(&mut setup);
        let db = self.app.db().clone();
        let (app, kit, router) = assemble(&Assembly {
            db: &db,
            clock: &self.clock,
            entropy: &self.entropy,
            keyring: &self.keyring,
            sms: &self.sms,
            objects: &self.objects,
            setup: &setup,
        });
        Self {
            app,
            kit,
            router,
            setup,
            ..self.clone()
        }
    }

    /// The same product with other routes than its own: for tests of the registry itself.
    #[must_use]
    pub fn with_routes(&self, routes: web::Routes<()>) -> Self {
        Self {
            router: routes.into_service(&self.kit),
            ..self.clone()
        }
    }

    /// The clock's time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A context for use cases: `t.ctx(Actor::System)`.
    pub fn ctx(&self, actor: Actor) -> Ctx {
        Ctx {
            app: self.app.clone(),
            actor,
            at: self.now(),
            request_id: "test".into(),
            network: "198.51.100.0/24".into(),
            device: "testkit".into(),
            rehearses: None,
        }
    }

    /// A context of the system's: may do everything.
    pub fn system(&self) -> Ctx {
        self.ctx(Actor::System)
    }

    /// A visitor with an empty cookie jar and a network of his own.
    pub fn browser(&self) -> Browser {
        let number = self.visitors.fetch_add(1, Ordering::SeqCst);
        Browser::new(self, number)
    }

    /// Does all jobs and ticks that are due, and those that they put in.
    pub async fn run_jobs(&self) -> jobs::Drained {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let runner = server::jobs::runner(&self.app, &clock).expect("a runner");
        let drained = runner.drain().await.expect("the jobs could be taken");
        self.app
            .board()
            .reload(&self.app)
            .await
            .expect("the notices");
        drained
    }

    /// Commits so far: what a crawl must not raise.
    pub fn commits(&self) -> u64 {
        self.app.db().stats().commits
    }

    /// A folder that goes away with the test.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A number that no other call of this test got: for names and document numbers.
    pub(crate) fn next_person(&self) -> u32 {
        self.people.fetch_add(1, Ordering::SeqCst)
    }
}

struct Assembly<'a> {
    db: &'a Db,
    clock: &'a Arc<FakeClock>,
    entropy: &'a Arc<dyn Entropy>,
    keyring: &'a Keyring,
    sms: &'a RecordingSender,
    objects: &'a MemoryStore,
    setup: &'a Setup,
}

fn assemble(a: &Assembly<'_>) -> (App, Kit, Router) {
    let clock: Arc<dyn Clock> = Arc::clone(a.clock) as Arc<dyn Clock>;
    let app = App::new(Parts {
        db: a.db.clone(),
        clock: Arc::clone(&clock),
        entropy: Arc::clone(a.entropy),
        cipher: Arc::new(a.keyring.field_cipher()),
        index: Arc::new(a.keyring.blind_index()),
        mac: Arc::new(a.keyring.audit_mac()),
        sealer: Arc::new(a.keyring.sealer()),
        ticket_keys: Arc::new(a.keyring.ticket_keys()),
        passwords: Pool::with_threads(
            a.setup.password_cost,
            Arc::clone(a.entropy),
            1,
            a.setup.passwords_waiting,
        )
        .expect("a thread"),
        sms: Arc::new(a.sms.clone()),
        objects: Arc::new(a.objects.clone()),
        channels: a.setup.channels.clone(),
        site_url: a.setup.base_url.clone(),
        policy: a.setup.policy.clone(),
    });
    let settings = KitSettings {
        site: a.setup.site.clone(),
        base_url: a.setup.base_url.parse().expect("a base address"),
        clock,
        entropy: Arc::clone(a.entropy),
        csrf_key: web::csrf::Key::new(a.keyring.derived("csrf")),
        seal: KitSeal {
            sealer: Arc::new(a.keyring.sealer()),
            entropy: Arc::clone(a.entropy),
        },
        captcha: Arc::new(DrawnArt(Arc::clone(a.entropy))),
        limits: a.setup.limits.clone(),
        proxies: Vec::new(),
    };
    let kit = wiring::kit(&app, settings)
        .with_control(a.setup.control)
        .expect("a kit");
    let router = server::routes::service(&app, &kit, None);
    (app, kit, router)
}
