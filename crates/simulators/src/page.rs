//! The look of a cashier's pages.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A text as it may stand in HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

const STYLE: &str = "\
*{box-sizing:border-box}body{margin:0;background:#f2f4f7;color:#1b2430;font:16px/1.6 system-ui,'Noto Sans SC','PingFang SC',\
'Microsoft YaHei',sans-serif}header{background:#3d4a63;color:#fff;padding:14px 20px;font-weight:600}\
header small{font-weight:400;opacity:.85;margin-left:10px}main{max-width:440px;margin:24px auto;padding:0 16px}\
section{background:#fff;border:1px solid #dfe3ea;border-radius:12px;padding:24px}h1{font-size:20px;margin:0 0 4px;text-align:center}\
.m{text-align:center;font-size:22px;margin:4px 0 16px}.m b{font-size:40px;font-variant-numeric:tabular-nums;margin-left:2px}\
dl{margin:0 0 20px;border-top:1px solid #e8ebf0}dl div{display:flex;gap:16px;padding:10px 0;border-bottom:1px solid #e8ebf0}\
dt{color:#5a6577;flex:0 0 5em}dd{margin:0;flex:1;text-align:right;overflow-wrap:anywhere}.n{font-variant-numeric:tabular-nums;font-size:14px}\
.b,.l{display:block;width:100%;min-height:48px;border:0;border-radius:8px;font:inherit;font-weight:600;cursor:pointer;\
text-align:center;text-decoration:none;padding:11px 16px}.b{background:#3d4a63;color:#fff}.b:hover{background:#2d384d}\
.l{background:none;color:#3d4a63;font-weight:400;text-decoration:underline;margin-top:8px}\
:focus-visible{outline:3px solid #f0a020;outline-offset:2px}.s{color:#5a6577;font-size:14px;text-align:center;margin:12px 0}\
details{margin-top:16px;border:1px dashed #c3cad6;border-radius:8px;padding:0 14px;color:#5a6577;font-size:14px}\
summary{cursor:pointer;padding:11px 0}label{display:block;padding:11px 0}\
.ok{width:56px;height:56px;border-radius:50%;background:#1f7a4d;color:#fff;font-size:30px;line-height:56px;text-align:center;margin:0 auto 12px}";

/// A page under a title.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} 模拟收银台</title>\
         <style>{STYLE}</style></head><body><header>{title} 模拟收银台<small>演示用，不会发生真实扣款</small></header>\
         <main>{body}</main></body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, html).into_response()
}
