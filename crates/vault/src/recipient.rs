//! Sealing of backups: a stream to the holder of a backup key.
//!
//! The backup key is a file of its own, apart from keyring and backups: who finds a backup alone can read nothing, and a backup
//! never holds the keyring. A sealed stream is a header (`magic · 16 bytes key id · 32 bytes salt`) and chunks of up to 64 KiB,
//! each `4 bytes length · ciphertext`; the key of the stream is derived from backup key and salt. A chunk's nonce holds its
//! number and whether it is the last, so that chunks can't be dropped, swapped, repeated or cut off unnoticed.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::keyring::{KeyringError, derive, read_private, write_new};
use crate::{Entropy, mac};

const MAGIC: &[u8; 16] = b"baokao sealed 1\n";
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
const PREFIX: &str = "baokao-backup-key-1:";

/// The key that a backup is sealed to.
#[derive(Clone)]
pub struct BackupKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackupKey({})", hex::encode(self.id()))
    }
}

impl BackupKey {
    /// A fresh key, in memory.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut key = Zeroizing::new([0u8; 32]);
        entropy.fill(key.as_mut());
        Self(key)
    }

    /// Makes a key in a file that must not exist yet, mode 0600.
    ///
    /// # Errors
    /// [`KeyringError::Exists`] or [`KeyringError::Io`].
    pub fn init(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyringError> {
        let key = Self::generate(entropy);
        let text = Zeroizing::new(format!("{PREFIX}{}\n", hex::encode(&key.0[..])));
        write_new(path, text.as_bytes()).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyringError::Exists(path.to_owned()),
            _ => KeyringError::Io {
                path: path.to_owned(),
                source,
            },
        })?;
        Ok(key)
    }

    /// Reads a key.
    ///
    /// # Errors
    /// As [`crate::Keyring::load`].
    pub fn load(path: &Path) -> Result<Self, KeyringError> {
        let text = read_private(path)?;
        let mut key = Zeroizing::new([0u8; 32]);
        text.trim()
            .strip_prefix(PREFIX)
            .and_then(|digits| hex::decode_to_slice(digits, key.as_mut()).ok())
            .ok_or(KeyringError::Malformed {
                path: path.to_owned(),
                why: "it is no backup key",
            })?;
        Ok(Self(key))
    }

    /// The key's name: no secret.
    pub fn id(&self) -> [u8; 16] {
        let mut id = [0u8; 16];
        id.copy_from_slice(&mac::hmac(&self.0, &[b"baokao backup key id"])[..16]);
        id
    }

    fn stream(&self, salt: &[u8; 32]) -> Aes256GcmSiv {
        let root = Zeroizing::new(mac::hmac(&self.0, &[b"baokao backup stream", salt]));
        let key = derive(&root, "backup aes-256-gcm-siv");
        Aes256GcmSiv::new((&*key).into())
    }

    /// Seals what is written, into `to`. Nothing is complete before [`Seal::finish`].
    ///
    /// # Errors
    /// If the header can't be written.
    pub fn seal<W: Write>(&self, mut to: W, entropy: &dyn Entropy) -> io::Result<Seal<W>> {
        let mut salt = [0u8; 32];
        entropy.fill(&mut salt);
        to.write_all(MAGIC)?;
        to.write_all(&self.id())?;
        to.write_all(&salt)?;
        Ok(Seal {
            to,
            cipher: self.stream(&salt),
            header: header_hash(&self.id(), &salt),
            held: Zeroizing::new(Vec::with_capacity(CHUNK)),
            number: 0,
        })
    }

    /// Opens what was sealed to this key, read from `from`.
    ///
    /// # Errors
    /// `InvalidData` if it isn't a sealed stream or was sealed to another key; reading fails with `InvalidData` on any
    /// change and `UnexpectedEof` if the end is missing.
    pub fn open<R: Read>(&self, mut from: R) -> io::Result<Open<R>> {
        let (mut magic, mut id, mut salt) = ([0u8; 16], [0u8; 16], [0u8; 32]);
        from.read_exact(&mut magic)?;
        from.read_exact(&mut id)?;
        from.read_exact(&mut salt)?;
        if &magic != MAGIC {
            return Err(invalid("this is no sealed backup"));
        }
        if !crate::same(&id, &self.id()) {
            return Err(invalid("the backup was sealed to another key"));
        }
        Ok(Open {
            from,
            cipher: self.stream(&salt),
            header: header_hash(&id, &salt),
            clear: Zeroizing::new(Vec::new()),
            read: 0,
            number: 0,
            ended: false,
        })
    }
}

fn header_hash(id: &[u8; 16], salt: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(MAGIC);
    hash.update(id);
    hash.update(salt);
    hash.finalize().into()
}

fn nonce(number: u64, last: bool) -> Nonce {
    let mut nonce = [0u8; 12];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(last);
    Nonce::from(nonce)
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// A stream that is being sealed.
pub struct Seal<W: Write> {
    to: W,
    cipher: Aes256GcmSiv,
    header: [u8; 32],
    held: Zeroizing<Vec<u8>>,
    number: u64,
}

impl<W: Write> fmt::Debug for Seal<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal")
            .field("chunks", &self.number)
            .finish_non_exhaustive()
    }
}

impl<W: Write> Seal<W> {
    fn put(&mut self, last: bool) -> io::Result<()> {
        let payload = Payload {
            msg: &self.held,
            aad: &self.header,
        };
        let body = self
            .cipher
            .encrypt(&nonce(self.number, last), payload)
            .map_err(|_| invalid("a chunk can't be sealed"))?;
        let length = u32::try_from(body.len()).map_err(|_| invalid("a chunk is too long"))?;
        self.to.write_all(&length.to_be_bytes())?;
        self.to.write_all(&body)?;
        self.held.clear();
        self.number += 1;
        Ok(())
    }

    /// Writes the last chunk and hands the inner writer back; the caller syncs it.
    ///
    /// # Errors
    /// If the inner writer fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.put(true)?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Seal<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.held.len() == CHUNK {
            self.put(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.held.len());
        self.held
            .extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    /// Full chunks only: a half-full one waits for more.
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A sealed stream that is being opened. What it gives out was authenticated, chunk by chunk; only an end that was reached
/// without an error shows that all of it was there.
pub struct Open<R: Read> {
    from: R,
    cipher: Aes256GcmSiv,
    header: [u8; 32],
    clear: Zeroizing<Vec<u8>>,
    read: usize,
    number: u64,
    ended: bool,
}

impl<R: Read> fmt::Debug for Open<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open")
            .field("chunks", &self.number)
            .finish_non_exhaustive()
    }
}

impl<R: Read> Open<R> {
    fn next(&mut self) -> io::Result<()> {
        let mut length = [0u8; 4];
        self.from.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if !(TAG..=CHUNK + TAG).contains(&length) {
            return Err(invalid("a chunk of the backup was changed"));
        }
        let mut body = vec![0u8; length];
        self.from.read_exact(&mut body)?;
        let open = |last| {
            let payload = Payload {
                msg: &body,
                aad: &self.header,
            };
            self.cipher.decrypt(&nonce(self.number, last), payload)
        };
        let (clear, last) = match open(false) {
            Ok(clear) => (clear, false),
            Err(_) => match open(true) {
                Ok(clear) => (clear, true),
                Err(_) => return Err(invalid("a chunk of the backup was changed")),
            },
        };
        if last && self.from.read(&mut [0u8; 1])? != 0 {
            return Err(invalid("something was added behind the backup"));
        }
        self.clear = Zeroizing::new(clear);
        self.read = 0;
        self.number += 1;
        self.ended = last;
        Ok(())
    }
}

impl<R: Read> Read for Open<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.read == self.clear.len() {
            if self.ended || to.is_empty() {
                return Ok(0);
            }
            self.next()?;
        }
        let rest = self.clear.get(self.read..).unwrap_or_default();
        let count = rest.len().min(to.len());
        if let (Some(to), Some(from)) = (to.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.read += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    fn sealed(key: &BackupKey, clear: &[u8]) -> Vec<u8> {
        let mut seal = key.seal(Vec::new(), &SeededEntropy::new(8)).unwrap();
        // Written in odd pieces, as an archive would.
        for piece in clear.chunks(1009) {
            seal.write_all(piece).unwrap();
        }
        seal.finish().unwrap()
    }

    fn opened(key: &BackupKey, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut clear = Vec::new();
        key.open(sealed)?.read_to_end(&mut clear)?;
        Ok(clear)
    }

    #[test]
    fn streams_of_every_awkward_length_read_back() {
        let key = BackupKey::generate(&SeededEntropy::new(1));
        for length in [
            0,
            1,
            1008,
            CHUNK - 1,
            CHUNK,
            CHUNK + 1,
            3 * CHUNK,
            3 * CHUNK + 17,
        ] {
            let mut clear = vec![0u8; length];
            SeededEntropy::new(2).fill(&mut clear);
            assert_eq!(
                opened(&key, &sealed(&key, &clear)).unwrap(),
                clear,
                "{length}"
            );
        }
    }

    #[test]
    fn a_backup_cut_off_anywhere_is_refused() {
        let key = BackupKey::generate(&SeededEntropy::new(1));
        let whole = sealed(&key, &vec![7; 2 * CHUNK + 5]);
        for cut in [0, 10, 64, 65, 100, 64 + 4 + CHUNK + TAG, whole.len() - 1] {
            assert!(opened(&key, &whole[..cut]).is_err(), "{cut}");
        }
        // Cut exactly between two chunks: what is left is well-formed but has no end.
        let between = 64 + 4 + CHUNK + TAG;
        assert_eq!(
            opened(&key, &whole[..between]).unwrap_err().kind(),
            io::ErrorKind::UnexpectedEof
        );
    }

    #[test]
    fn changed_swapped_and_added_chunks_are_refused() {
        let key = BackupKey::generate(&SeededEntropy::new(1));
        let whole = sealed(&key, &vec![7; 3 * CHUNK]);
        for place in [0, 20, 40, 70, 64 + 4 + CHUNK, whole.len() - 1] {
            let mut forged = whole.clone();
            forged[place] ^= 1;
            assert!(opened(&key, &forged).is_err(), "{place}");
        }
        let size = 4 + CHUNK + TAG;
        let mut swapped = whole[..64].to_vec();
        swapped.extend_from_slice(&whole[64 + size..64 + 2 * size]);
        swapped.extend_from_slice(&whole[64..64 + size]);
        swapped.extend_from_slice(&whole[64 + 2 * size..]);
        assert!(opened(&key, &swapped).is_err());
        let mut longer = whole;
        longer.push(0);
        assert!(opened(&key, &longer).is_err());
    }

    #[test]
    fn another_key_opens_nothing_and_says_so() {
        let key = BackupKey::generate(&SeededEntropy::new(1));
        let other = BackupKey::generate(&SeededEntropy::new(2));
        let error = opened(&other, &sealed(&key, b"x")).unwrap_err();
        assert!(error.to_string().contains("another key"));
    }

    #[test]
    fn a_backup_key_reads_back_from_its_private_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("backup.key");
        let key = BackupKey::init(&path, &SeededEntropy::new(1)).unwrap();
        assert_eq!(BackupKey::load(&path).unwrap().id(), key.id());
        assert!(matches!(
            BackupKey::init(&path, &SeededEntropy::new(2)),
            Err(KeyringError::Exists(_))
        ));
        assert!(!format!("{key:?}").contains(&hex::encode(&key.0[..])));
    }
}
