//! All three channels at once, with both sides' keys: what a demonstration and tests are set up with.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::clock::Clock;
use domain::time::Timestamp;
use gateways::payment::alipay::{AlipayConfig, Desk, sign as alipay_sign};
use gateways::payment::keys::{BadKey, SigningKey};
use gateways::payment::unionpay::UnionpayConfig;
use gateways::payment::unionpay::sign::{Identity, Trust};
use gateways::payment::wechat::sign::{ApiKey, Trust as WechatTrust};
use gateways::payment::wechat::{PublicAccount, WechatConfig};
use gateways::payment::{PaymentGateway, Transport};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::bank::{Bank, Channel};
use crate::unionpay::{COMPANY, Chain};
use crate::{alipay, unionpay, wechat};

/// The channels' codes, in the order of their banks.
const CODES: [&str; 3] = ["alipay", "wechat", "unionpay"];

fn book(folder: &Path, code: &str) -> PathBuf {
    folder.join(format!("{code}.book"))
}

/// The merchant's identities.
const APP_ID: &str = "2021000000000001";
const SELLER_ID: &str = "2088000000000001";
const MCHID: &str = "1600000001";
const APPID: &str = "wx0000000000000001";
const MER_ID: &str = "777290058110048";
const MERCHANT_SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
/// The number of WeChat's key.
const WECHAT_KEY: &str = "PUB_KEY_ID_0116000000012026010100000001";
/// WeChat's APIv3 密钥 of the simulated merchant.
pub const API_KEY: &str = "0123456789abcdef0123456789abcdef";

/// Private keys of both sides, in PEM. None of them guards anything real.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Keys {
    merchant: String,
    alipay: String,
    wechat: String,
    /// Nobody's.
    wrong: String,
    chain: StoredChain,
    wrong_chain: StoredChain,
    /// The merchant's own certificate for UnionPay, and its key.
    merchant_chain: StoredChain,
}

/// A [`Chain`] as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredChain {
    root: String,
    middle: String,
    certificate: String,
    key: String,
}

impl StoredChain {
    fn new(now: Timestamp) -> Option<Self> {
        let (chain, key) = Chain::with_key(now)?;
        Some(Self {
            root: chain.root,
            middle: chain.middle,
            certificate: chain.certificate,
            key,
        })
    }

    fn chain(&self) -> Result<Chain, BadKey> {
        Ok(Chain {
            root: self.root.clone(),
            middle: self.middle.clone(),
            certificate: self.certificate.clone(),
            key: SigningKey::parse(&self.key)?,
        })
    }
}

impl Keys {
    /// New ones, with certificates that are valid around an instant. `None` if the machine can't make keys.
    pub fn generate(now: Timestamp) -> Option<Self> {
        let key = || crate::unionpay::private_key();
        Some(Self {
            merchant: key()?,
            alipay: key()?,
            wechat: key()?,
            wrong: key()?,
            chain: StoredChain::new(now)?,
            wrong_chain: StoredChain::new(now)?,
            merchant_chain: StoredChain::new(now)?,
        })
    }

    /// Those of a file that only its owner may read; made when they are first asked for. Of several who ask at once all get some, and the
    /// file is whole.
    ///
    /// # Errors
    /// If the file can't be read or written, or the machine can't make keys.
    pub fn kept(path: &Path, now: Timestamp) -> io::Result<Self> {
        match std::fs::read(path) {
            Ok(bytes) => return serde_json::from_slice(&bytes).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let keys = Self::generate(now).ok_or_else(|| io::Error::other("no keys can be made"))?;
        let beside = path.with_extension(std::process::id().to_string());
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(&serde_json::to_vec(&keys)?)?;
        std::fs::rename(&beside, path)?;
        Ok(keys)
    }

    /// The merchant's settings as files, by name: what an installation beside the simulators is set up with.
    ///
    /// # Errors
    /// [`BadKey`] for keys that were damaged.
    pub fn files(&self) -> Result<Vec<(&'static str, String)>, BadKey> {
        let public = |pem: &str| SigningKey::parse(pem).map(|key| key.verifier().pem());
        Ok(vec![
            ("merchant.key.pem", self.merchant.clone()),
            ("alipay.public.pem", public(&self.alipay)?),
            ("wechat.public.pem", public(&self.wechat)?),
            ("wechat.api.key", API_KEY.to_owned()),
            ("unionpay.key.pem", self.merchant_chain.key.clone()),
            ("unionpay.cert.pem", self.merchant_chain.certificate.clone()),
            ("unionpay.root.pem", self.chain.root.clone()),
            ("unionpay.middle.pem", self.chain.middle.clone()),
        ])
    }

    /// The merchant's side of the channels under an origin, in the order of the page of choice.
    ///
    /// # Errors
    /// [`BadKey`] for keys that were damaged.
    pub fn gateways(
        &self,
        origin: &str,
        clock: &Arc<dyn Clock>,
        transport: &Arc<dyn Transport>,
    ) -> Result<[Arc<dyn PaymentGateway>; 3], BadKey> {
        let keys = self;
        let clock = || Arc::clone(clock);
        let transport = || Arc::clone(transport);
        let wechat = WechatConfig {
            host: format!("{origin}/wechat"),
            mchid: MCHID.to_owned(),
            appid: APPID.to_owned(),
            key: keys.merchant()?,
            serial: MERCHANT_SERIAL.to_owned(),
            api_key: ApiKey::parse(API_KEY)?,
            trust: WechatTrust::new()
                .with_key(WECHAT_KEY, SigningKey::parse(&keys.wechat)?.verifier()),
            account: Some(PublicAccount {
                open_host: format!("{origin}/wechat"),
                account_host: format!("{origin}/wechat"),
                secret: "simulated".to_owned(),
            }),
        };
        let alipay = AlipayConfig {
            gateway: format!("{origin}/alipay/gateway.do"),
            app_id: APP_ID.to_owned(),
            seller_id: SELLER_ID.to_owned(),
            key: keys.merchant()?,
            trust: alipay_sign::Trust::PublicKey(SigningKey::parse(&keys.alipay)?.verifier()),
            desk: Desk::Code,
        };
        let unionpay = UnionpayConfig {
            gateway: format!("{origin}/unionpay/gateway/api"),
            files: format!("{origin}/unionpay/files/"),
            mer_id: MER_ID.to_owned(),
            identity: keys.identity()?,
            trust: Trust::parse(&keys.chain.root, &keys.chain.middle, COMPANY)?,
        };
        use gateways::payment::{alipay as a, unionpay as u, wechat as w};
        Ok([
            Arc::new(w::Wechat::new(wechat, clock(), transport())),
            Arc::new(a::Alipay::new(alipay, clock(), transport())),
            Arc::new(u::Unionpay::new(unionpay, clock(), transport())),
        ])
    }

    fn merchant(&self) -> Result<SigningKey, BadKey> {
        SigningKey::parse(&self.merchant)
    }

    fn wrong(&self) -> Result<SigningKey, BadKey> {
        SigningKey::parse(&self.wrong)
    }

    fn identity(&self) -> Result<Identity, BadKey> {
        Identity::parse(&self.merchant_chain.key, &self.merchant_chain.certificate)
    }
}

/// The three channels under one origin: `…/alipay`, `…/wechat`, `…/unionpay`.
#[derive(Debug, Clone)]
pub struct Trio {
    /// 支付宝.
    pub alipay: alipay::Alipay,
    /// 微信支付.
    pub wechat: wechat::Wechat,
    /// 银联.
    pub unionpay: unionpay::Unionpay,
    origin: String,
    keys: Keys,
}

impl Trio {
    /// The channels, each over its bank (in this order).
    ///
    /// # Errors
    /// [`BadKey`] for keys that were damaged.
    pub fn new(origin: &str, keys: Keys, banks: [Bank; 3]) -> Result<Self, BadKey> {
        let [first, second, third] = banks;
        let merchant_key = keys.merchant()?.verifier();
        let identity = keys.identity()?;
        let alipay = alipay::Alipay::new(alipay::AlipayBank {
            origin: format!("{origin}/alipay"),
            app_id: APP_ID.to_owned(),
            seller_id: SELLER_ID.to_owned(),
            merchant_key: merchant_key.clone(),
            key: SigningKey::parse(&keys.alipay)?,
            wrong_key: keys.wrong()?,
            certificates: None,
            bank: first,
        });
        let wechat = wechat::Wechat::new(wechat::WechatBank {
            origin: format!("{origin}/wechat"),
            mchid: MCHID.to_owned(),
            appid: APPID.to_owned(),
            merchant_serial: MERCHANT_SERIAL.to_owned(),
            merchant_key,
            api_key: ApiKey::parse(API_KEY)?,
            keys: Mutex::new(vec![(
                WECHAT_KEY.to_owned(),
                SigningKey::parse(&keys.wechat)?,
            )]),
            wrong_key: keys.wrong()?,
            bank: second,
        });
        let unionpay = unionpay::Unionpay::new(unionpay::UnionpayBank {
            origin: format!("{origin}/unionpay"),
            mer_id: MER_ID.to_owned(),
            merchant_cert_id: identity.cert_id.clone(),
            merchant_key: identity.key.verifier(),
            chain: keys.chain.chain()?,
            wrong_chain: keys.wrong_chain.chain()?,
            bank: third,
        });
        Ok(Self {
            alipay,
            wechat,
            unionpay,
            origin: origin.to_owned(),
            keys,
        })
    }

    /// The channels, with books that a folder keeps.
    ///
    /// # Errors
    /// If a book can't be read or written; for keys that were damaged.
    pub fn kept(
        origin: &str,
        keys: Keys,
        clock: &Arc<dyn Clock>,
        (folder, seed): (&Path, u64),
    ) -> io::Result<Self> {
        let bank = |n: u64, code: &str| {
            Bank::kept(Arc::clone(clock), seed.wrapping_add(n), &book(folder, code))
        };
        let [first, second, third] = CODES;
        let banks = [bank(0, first)?, bank(1, second)?, bank(2, third)?];
        Self::new(origin, keys, banks).map_err(io::Error::other)
    }

    /// Writes their books into a folder, for channels that are [kept](Self::kept) there from then on.
    ///
    /// # Errors
    /// If a book can't be written.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        for channel in self.channels() {
            channel.bank().save(&book(folder, channel.code()))?;
        }
        Ok(())
    }

    /// Forgets what a folder keeps.
    pub fn forget(folder: &Path) {
        for code in CODES {
            let _ = std::fs::remove_file(book(folder, code));
        }
    }

    /// The channels in the order of the page of choice.
    pub fn channels(&self) -> [Arc<dyn Channel>; 3] {
        [
            Arc::new(self.wechat.clone()),
            Arc::new(self.alipay.clone()),
            Arc::new(self.unionpay.clone()),
        ]
    }

    /// A transport that leads to them in this process.
    pub fn link(&self) -> crate::Link {
        let mut link = crate::Link::new();
        for channel in self.channels() {
            let origin = format!("{}/{}", self.origin, channel.code());
            link = link.with(origin, channel);
        }
        link
    }

    /// The merchant's side of them, in the same order.
    ///
    /// # Errors
    /// [`BadKey`] for keys that were damaged.
    pub fn gateways(
        &self,
        clock: &Arc<dyn Clock>,
        transport: &Arc<dyn Transport>,
    ) -> Result<[Arc<dyn PaymentGateway>; 3], BadKey> {
        self.keys.gateways(&self.origin, clock, transport)
    }

    /// A channel by its code.
    pub fn channel(&self, code: &str) -> Option<&dyn Channel> {
        match code {
            "alipay" => Some(&self.alipay),
            "wechat" => Some(&self.wechat),
            "unionpay" => Some(&self.unionpay),
            _ => None,
        }
    }
}

/// The merchant's settings as an installation writes them down, for [`Keys::files`] in a folder.
pub fn settings(origin: &str, folder: &Path) -> String {
    let file = |name: &str| folder.join(name).display().to_string();
    format!(
        "[wechat]\nhost = \"{origin}/wechat\"\nmchid = \"{MCHID}\"\nappid = \"{APPID}\"\nserial = \"{MERCHANT_SERIAL}\"\n\
         key_file = \"{merchant}\"\napi_key_file = \"{api_key}\"\npublic_key_id = \"{WECHAT_KEY}\"\npublic_key_file = \"{wechat}\"\n\n\
         [alipay]\ngateway = \"{origin}/alipay/gateway.do\"\napp_id = \"{APP_ID}\"\nseller_id = \"{SELLER_ID}\"\n\
         key_file = \"{merchant}\"\npublic_key_file = \"{alipay}\"\n\n\
         [unionpay]\ngateway = \"{origin}/unionpay/gateway/api\"\nfiles = \"{origin}/unionpay/files/\"\nmer_id = \"{MER_ID}\"\n\
         key_file = \"{own_key}\"\ncert_file = \"{own_cert}\"\nroot_cert_file = \"{root}\"\nmiddle_cert_file = \"{middle}\"\n\
         company = \"{COMPANY}\"\n",
        merchant = file("merchant.key.pem"),
        api_key = file("wechat.api.key"),
        wechat = file("wechat.public.pem"),
        alipay = file("alipay.public.pem"),
        own_key = file("unionpay.key.pem"),
        own_cert = file("unionpay.cert.pem"),
        root = file("unionpay.root.pem"),
        middle = file("unionpay.middle.pem"),
    )
}
