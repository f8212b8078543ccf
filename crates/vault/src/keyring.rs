//! The keyring: a file outside the database, never inside a backup.
//!
//! TOML, mode 0600, one table per key: `field`, `audit` and `token` keys with versions, one `index` key without. Each is 32
//! random bytes of its own, from which the working key is derived (HKDF-SHA-256, labelled), so that no key serves two purposes. A
//! rotation appends versions; old ones stay as long as anything sealed under them does.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::{AuditMac, BlindIndex, Entropy, FieldCipher, Sealer, TicketKeys};

type Key = Zeroizing<[u8; 32]>;

/// Why a keyring can't be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// There is a file already; keys are never overwritten.
    #[error("{0} exists already; a keyring is never overwritten")]
    Exists(PathBuf),
    /// There is no such file.
    #[error("{0} doesn't exist; make it with `baokao keys init`")]
    Missing(PathBuf),
    /// Others than the owner may read it.
    #[error("{path} may be read by others (mode {mode:o}); set it to 0600")]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It isn't a keyring.
    #[error("{path} is no keyring: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, without any of the content.
        why: &'static str,
    },
    /// The file system refused.
    #[error("{path} can't be used")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// All keys of one installation.
#[derive(Clone)]
pub struct Keyring {
    id: String,
    field: Vec<Key>,
    audit: Vec<Key>,
    token: Vec<Key>,
    index: Key,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("id", &self.id)
            .field("version", &self.field.len())
            .finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u32,
    id: String,
    index: String,
    field: Vec<String>,
    audit: Vec<String>,
    token: Vec<String>,
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.index.zeroize();
        self.field.zeroize();
        self.audit.zeroize();
        self.token.zeroize();
    }
}

const HEADER: &str = "# Keyring of baokao. Without it the database can't be read: keep copies in two safe places,\n\
                      # never beside the backups. Edit it only with `baokao keys`.\n";

impl Keyring {
    /// A keyring with fresh keys, in memory.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut id = [0u8; 4];
        entropy.fill(&mut id);
        Self {
            id: hex::encode(id),
            field: vec![draw(entropy)],
            audit: vec![draw(entropy)],
            token: vec![draw(entropy)],
            index: draw(entropy),
        }
    }

    /// Makes fresh keys and writes them to a file that must not exist yet.
    ///
    /// # Errors
    /// [`KeyringError::Exists`] or [`KeyringError::Io`].
    pub fn init(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyringError> {
        let ring = Self::generate(entropy);
        write_new(path, ring.text().as_bytes()).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyringError::Exists(path.to_owned()),
            _ => KeyringError::Io {
                path: path.to_owned(),
                source,
            },
        })?;
        Ok(ring)
    }

    /// Reads a keyring.
    ///
    /// # Errors
    /// If there is none, others may read it, or it is malformed.
    pub fn load(path: &Path) -> Result<Self, KeyringError> {
        Self::parse(&read_private(path)?, path)
    }

    /// Adds a version of the field, audit and token keys to the file; the index key stays. The old file is replaced in one step.
    ///
    /// # Errors
    /// As [`Keyring::load`], and [`KeyringError::Io`].
    pub fn rotate_file(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyringError> {
        let mut ring = Self::load(path)?;
        ring.rotate(entropy);
        let failed = |source| KeyringError::Io {
            path: path.to_owned(),
            source,
        };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        write_new(&beside, ring.text().as_bytes()).map_err(failed)?;
        fs::rename(&beside, path).map_err(failed)?;
        sync_parent(path).map_err(failed)?;
        Ok(ring)
    }

    /// Adds a version in memory.
    pub fn rotate(&mut self, entropy: &dyn Entropy) {
        self.field.push(draw(entropy));
        self.audit.push(draw(entropy));
        self.token.push(draw(entropy));
    }

    /// The keyring's name: eight hexadecimal digits, no secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The newest version of the field keys.
    pub fn version(&self) -> u32 {
        u32::try_from(self.field.len()).unwrap_or(u32::MAX)
    }

    /// Field encryption.
    pub fn field_cipher(&self) -> FieldCipher {
        let keys: Vec<(u32, Key)> = numbered(&self.field, "field aes-256-gcm-siv").collect();
        FieldCipher::new(keys.iter().map(|(version, key)| (*version, key)))
    }

    /// Look-ups of encrypted values.
    pub fn blind_index(&self) -> BlindIndex {
        BlindIndex::new(derive(&self.index, "index hmac-sha-256"))
    }

    /// The audit key.
    pub fn audit_mac(&self) -> AuditMac {
        AuditMac::new(numbered(&self.audit, "audit hmac-sha-256"))
    }

    /// Sealed tokens.
    pub fn sealer(&self) -> Sealer {
        let keys: Vec<(u32, Key)> = numbered(&self.token, "token aes-256-gcm-siv").collect();
        Sealer::new(keys.iter().rev().map(|(_, key)| key))
    }

    /// Signatures of tickets.
    pub fn ticket_keys(&self) -> TicketKeys {
        let seeds: Vec<(u32, Key)> = numbered(&self.token, "ticket ed25519").collect();
        TicketKeys::new(seeds.iter().rev().map(|(_, seed)| seed))
    }

    /// A key for something of the caller's own (`csrf`), the same in every process of the site and gone with the next rotation.
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        let newest = self.token.last().unwrap_or(&self.index);
        *derive(newest, &format!("derived {purpose}"))
    }

    fn check_key(&self) -> Key {
        derive(&self.index, "key check")
    }

    fn parse(text: &str, path: &Path) -> Result<Self, KeyringError> {
        let bad = |why| KeyringError::Malformed {
            path: path.to_owned(),
            why,
        };
        let stored: Stored = toml::from_str(text).map_err(|_| bad("its fields can't be read"))?;
        if stored.format != 1 {
            return Err(bad("a later program wrote it"));
        }
        let key = |text: &String| -> Result<Key, KeyringError> {
            let mut bytes = Zeroizing::new([0u8; 32]);
            hex::decode_to_slice(text, bytes.as_mut())
                .map_err(|_| bad("a key isn't 64 hexadecimal digits"))?;
            Ok(bytes)
        };
        let keys = |texts: &[String]| texts.iter().map(key).collect::<Result<Vec<_>, _>>();
        let ring = Self {
            id: stored.id.clone(),
            field: keys(&stored.field)?,
            audit: keys(&stored.audit)?,
            token: keys(&stored.token)?,
            index: key(&stored.index)?,
        };
        if ring.field.is_empty() || ring.audit.is_empty() || ring.token.is_empty() {
            return Err(bad("a key is missing"));
        }
        Ok(ring)
    }

    fn text(&self) -> Zeroizing<String> {
        let keys = |keys: &[Key]| {
            keys.iter()
                .map(|key| hex::encode(&key[..]))
                .collect::<Vec<_>>()
        };
        let stored = Stored {
            format: 1,
            id: self.id.clone(),
            index: hex::encode(&self.index[..]),
            field: keys(&self.field),
            audit: keys(&self.audit),
            token: keys(&self.token),
        };
        // Strings, numbers and lists of strings can always be written.
        let body = Zeroizing::new(toml::to_string(&stored).unwrap_or_default());
        Zeroizing::new(format!("{HEADER}{}", *body))
    }
}

fn draw(entropy: &dyn Entropy) -> Key {
    let mut key = Zeroizing::new([0u8; 32]);
    entropy.fill(key.as_mut());
    key
}

fn numbered<'a>(
    keys: &'a [Key],
    label: &'static str,
) -> impl Iterator<Item = (u32, Key)> + use<'a> {
    (1u32..).zip(keys.iter().map(move |key| derive(key, label)))
}

/// A working key of its own for each purpose.
pub(crate) fn derive(root: &Key, label: &str) -> Key {
    let mut key = Zeroizing::new([0u8; 32]);
    let info = [b"baokao 1 ", label.as_bytes()].concat();
    if Hkdf::<Sha256>::new(None, &root[..])
        .expand(&info, key.as_mut())
        .is_err()
    {
        // 32 bytes are never too many.
        std::process::abort();
    }
    key
}

/// Writes a file that only its owner may read, synced with its folder; refuses to overwrite.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    sync_parent(path)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

/// Reads a file that only its owner may read.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyringError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeyringError::Missing(path.to_owned()),
        _ => KeyringError::Io {
            path: path.to_owned(),
            source,
        },
    };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyringError::TooOpen {
            path: path.to_owned(),
            mode,
        });
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(failed)
}

/// A mark in the database that tells which keyring it was made under. It survives rotations.
#[derive(Debug, Clone, Copy)]
pub struct KeyCheck;

impl KeyCheck {
    /// The mark of a keyring: a MAC that tells nothing of the keys.
    pub fn make(keyring: &Keyring) -> Vec<u8> {
        let id = Sha256::digest(keyring.id.as_bytes());
        crate::mac::hmac(&keyring.check_key(), &[b"baokao key check 1", &id]).to_vec()
    }

    /// Whether the mark is this keyring's.
    pub fn matches(keyring: &Keyring, mark: &[u8]) -> bool {
        crate::same(&Self::make(keyring), mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Place, SeededEntropy};

    #[test]
    fn a_keyring_reads_back_from_its_file_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keyring.toml");
        let made = Keyring::init(&path, &SeededEntropy::new(1)).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let read = Keyring::load(&path).unwrap();
        let place = Place {
            table: "t",
            column: "c",
            row: 1,
        };
        let sealed = made
            .field_cipher()
            .seal(place, b"x", &SeededEntropy::new(2));
        assert_eq!(&read.field_cipher().open(place, &sealed).unwrap()[..], b"x");
        assert!(KeyCheck::matches(&read, &KeyCheck::make(&made)));
    }

    #[test]
    fn a_keyring_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keyring.toml");
        Keyring::init(&path, &SeededEntropy::new(1)).unwrap();
        let before = fs::read(&path).unwrap();
        let again = Keyring::init(&path, &SeededEntropy::new(2));
        assert!(matches!(again, Err(KeyringError::Exists(_))));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_keyring_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keyring.toml");
        Keyring::init(&path, &SeededEntropy::new(1)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            Keyring::load(&path),
            Err(KeyringError::TooOpen { mode: 0o640, .. })
        ));
    }

    #[test]
    fn missing_and_broken_files_are_told_apart_without_showing_content() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keyring.toml");
        assert!(matches!(
            Keyring::load(&path),
            Err(KeyringError::Missing(_))
        ));
        for text in [
            "",
            "format = 2",
            "format = 1\nid = \"a\"\nindex = \"secret\"\nfield = []\naudit = []\ntoken = []",
        ] {
            let _ = fs::remove_file(&path);
            write_new(&path, text.as_bytes()).unwrap();
            let error = Keyring::load(&path).unwrap_err();
            assert!(matches!(error, KeyringError::Malformed { .. }), "{text}");
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn a_rotated_file_keeps_the_old_keys_and_the_key_check() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keyring.toml");
        let first = Keyring::init(&path, &SeededEntropy::new(1)).unwrap();
        Keyring::rotate_file(&path, &SeededEntropy::new(2)).unwrap();
        let read = Keyring::load(&path).unwrap();
        assert_eq!(read.version(), 2);
        assert!(KeyCheck::matches(&read, &KeyCheck::make(&first)));
        assert_ne!(read.derived("csrf"), first.derived("csrf"));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn another_keyring_fails_the_check() {
        let a = Keyring::generate(&SeededEntropy::new(1));
        let b = Keyring::generate(&SeededEntropy::new(2));
        assert!(!KeyCheck::matches(&b, &KeyCheck::make(&a)));
        assert!(!KeyCheck::matches(&a, b""));
    }

    #[test]
    fn debug_shows_no_key() {
        let ring = Keyring::generate(&SeededEntropy::new(1));
        let shown = format!(
            "{ring:?} {:?} {:?} {:?} {:?} {:?}",
            ring.field_cipher(),
            ring.blind_index(),
            ring.audit_mac(),
            ring.sealer(),
            ring.ticket_keys()
        );
        for key in ring
            .field
            .iter()
            .chain(&ring.audit)
            .chain(&ring.token)
            .chain([&ring.index])
        {
            assert!(!shown.contains(&hex::encode(&key[..])));
            assert!(!shown.contains(&format!("{:?}", &key[..4]).replace(['[', ']'], "")));
        }
    }
}
