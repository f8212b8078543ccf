//! One server per file: a lock that the operating system takes back when the process dies, and no network file systems,
//! where neither locks nor the shared memory of the write-ahead log can be trusted.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::{DbError, DbResult};

/// The exclusive right to a database file, until it is dropped.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock of the database at `path`.
    pub(crate) fn take(path: &Path) -> DbResult<Self> {
        if let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo")
            && let Some(kind) = network_file_system(&mounts, &absolute(path)?)
        {
            return Err(DbError::unavailable(format!(
                "数据库文件 {} 在网络文件系统（{kind}）上，SQLite 在其上可能损坏。请放到本机磁盘，或改用 PostgreSQL",
                path.display()
            )));
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(PathBuf::from(name))
            .map_err(|error| {
                DbError::unavailable(format!("不能使用数据库文件 {}：{error}", path.display()))
            })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(DbError::unavailable(format!(
                "数据库文件 {} 正被另一个 baokao 进程使用",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

/// The path without links, as far as it exists.
fn absolute(path: &Path) -> DbResult<PathBuf> {
    if let Ok(real) = path.canonicalize() {
        return Ok(real);
    }
    let path = std::path::absolute(path)?;
    let Some((parent, name)) = path.parent().zip(path.file_name()) else {
        return Ok(path);
    };
    let parent = parent.canonicalize().map_err(|error| {
        DbError::unavailable(format!(
            "数据库所在目录 {} 不能使用：{error}",
            parent.display()
        ))
    })?;
    Ok(parent.join(name))
}

/// The kind of the network file system that `path` lies on, by the text of `/proc/self/mountinfo`.
fn network_file_system(mounts: &str, path: &Path) -> Option<String> {
    const NETWORK: [&str; 14] = [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "coda",
        "ceph",
        "glusterfs",
        "lustre",
        "9p",
        "gpfs",
        "beegfs",
    ];
    const NETWORK_FUSE: [&str; 7] = [
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.ceph",
        "fuse.s3fs",
        "fuse.rclone",
        "fuse.juicefs",
        "fuse.davfs",
    ];
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        // id parent major:minor root mount-point options … - type source options
        let Some(point) = line.split(' ').nth(4) else {
            continue;
        };
        let Some(kind) = line
            .split_once(" - ")
            .and_then(|(_, rest)| rest.split(' ').next())
        else {
            continue;
        };
        let point = unescape(point);
        // Of two mounts on one point the later hides the earlier.
        if path.starts_with(&point) && best.is_none_or(|(length, _)| point.len() >= length) {
            best = Some((point.len(), kind));
        }
    }
    best.map(|(_, kind)| kind)
        .filter(|kind| NETWORK.contains(kind) || NETWORK_FUSE.contains(kind))
        .map(str::to_owned)
}

/// Mount points write space, tab, newline and backslash as three octal digits.
fn unescape(text: &str) -> String {
    text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
24 1 8:1 / / rw - ext4 /dev/sda1 rw
30 24 0:30 / /data rw,relatime shared:1 - nfs4 server:/export rw
31 30 8:2 / /data/local rw - xfs /dev/sdb1 rw
32 24 0:31 / /my\\040files rw - fuse.sshfs me@host: rw
33 24 8:3 / /twice rw - nfs server:/a rw
34 24 8:3 / /twice rw - ext4 /dev/sdc1 rw
";

    #[test]
    fn the_deepest_mount_decides_whether_a_file_lies_on_the_network() {
        let kind = |path: &str| network_file_system(MOUNTS, Path::new(path));
        assert_eq!(kind("/srv/b.db"), None);
        assert_eq!(kind("/data/b.db").as_deref(), Some("nfs4"));
        assert_eq!(kind("/data/local/b.db"), None);
        assert_eq!(kind("/database/b.db"), None);
        assert_eq!(kind("/my files/b.db").as_deref(), Some("fuse.sshfs"));
        assert_eq!(kind("/twice/b.db"), None);
    }
}
