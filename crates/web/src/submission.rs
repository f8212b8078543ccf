//! What a form sent: fields in order, and files. Made by the guard, after origin, person and size were checked.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;

use crate::csrf;
use crate::errors::Problem;

/// More fields than any form of ours has.
const MOST_FIELDS: usize = 2_000;
/// More files than any form of ours takes.
const MOST_FILES: usize = 20;

/// An uploaded file.
#[derive(Clone)]
pub struct Upload {
    /// The field.
    pub field: String,
    /// The name on the sender's disk, without folders; for display only.
    pub file_name: String,
    /// The content.
    pub bytes: Bytes,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({}, {} bytes)", self.field, self.bytes.len())
    }
}

/// What a form sent. Its `Debug` names no value.
#[derive(Clone, Default)]
pub struct Submission {
    fields: Vec<(String, String)>,
    files: Vec<Upload>,
    csrf: String,
    resume: Option<String>,
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Submission({} fields, {} files)",
            self.fields.len(),
            self.files.len()
        )
    }
}

impl Submission {
    /// Fields in the order in which they were sent. The kit's own (`_csrf`, `_resume`) are not among them.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields()
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The files, without those that were left empty.
    pub fn files(&self) -> &[Upload] {
        &self.files
    }

    /// The first file of a field.
    pub fn file(&self, field: &str) -> Option<&Upload> {
        self.files.iter().find(|file| file.field == field)
    }

    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }

    /// The kept form that a login form carried ([`crate::resume`]); empty for none.
    pub fn resume(&self) -> crate::resume::Resume {
        crate::resume::Resume::from_field(self.resume.as_deref().unwrap_or_default())
    }

    fn add(&mut self, name: String, value: String) -> Result<(), Problem> {
        if self.fields.len() >= MOST_FIELDS {
            return Err(Problem::BadRequest("表单的内容太多。"));
        }
        if value.contains('\0') || name.contains('\0') {
            return Err(Problem::BadRequest("表单里有无法识别的字符。"));
        }
        match name.as_str() {
            csrf::FIELD => self.csrf = value,
            crate::resume::FIELD if !value.is_empty() => self.resume = Some(value),
            crate::resume::FIELD => {}
            _ => self.fields.push((name, value)),
        }
        Ok(())
    }
}

/// Reads a body of one of the two form types.
pub(crate) async fn parse(headers: &HeaderMap, body: Bytes) -> Result<Submission, Problem> {
    let content_type = headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut submission = match content_type.split(';').next().unwrap_or_default().trim() {
        "application/x-www-form-urlencoded" => urlencoded(&body)?,
        "multipart/form-data" => multipart(content_type, body).await?,
        "" if body.is_empty() => Submission::default(),
        _ => return Err(Problem::UnsupportedType),
    };
    if submission.csrf.is_empty()
        && let Some(token) = headers
            .get(csrf::HEADER)
            .and_then(|value| value.to_str().ok())
    {
        token.clone_into(&mut submission.csrf);
    }
    Ok(submission)
}

fn urlencoded(body: &[u8]) -> Result<Submission, Problem> {
    let mut submission = Submission::default();
    for pair in body
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
    {
        let at = pair
            .iter()
            .position(|byte| *byte == b'=')
            .unwrap_or(pair.len());
        let (name, rest) = pair.split_at(at);
        submission.add(decode(name)?, decode(rest.get(1..).unwrap_or_default())?)?;
    }
    Ok(submission)
}

fn decode(text: &[u8]) -> Result<String, Problem> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let decoded = percent_encoding::percent_decode(&spaced).collect::<Vec<u8>>();
    String::from_utf8(decoded).map_err(|_| Problem::BadRequest("表单里有无法识别的字符。"))
}

async fn multipart(content_type: &str, body: Bytes) -> Result<Submission, Problem> {
    const BROKEN: Problem = Problem::BadRequest("上传的内容不完整，可能是网络中断。请重新上传。");
    let boundary = multer::parse_boundary(content_type).map_err(|_| BROKEN)?;
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut submission = Submission::default();
    while let Some(part) = parts.next_field().await.map_err(|_| BROKEN)? {
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(base_name) {
            Some(file_name) => {
                let bytes = part.bytes().await.map_err(|_| BROKEN)?;
                if file_name.is_empty() && bytes.is_empty() {
                    continue;
                }
                if submission.files.len() >= MOST_FILES {
                    return Err(Problem::BadRequest("一次上传的文件太多。"));
                }
                submission.files.push(Upload {
                    field: name,
                    file_name,
                    bytes,
                });
            }
            None => {
                let bytes = part.bytes().await.map_err(|_| BROKEN)?;
                let value = String::from_utf8(bytes.into())
                    .map_err(|_| Problem::BadRequest("表单里有无法识别的字符。"))?;
                submission.add(name, value)?;
            }
        }
    }
    Ok(submission)
}

/// The last part of a path, of either kind, without control characters.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(200).collect()
}
