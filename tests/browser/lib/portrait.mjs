// A drawn portrait as a JPEG of any size: no real face is needed to try the photo page.

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 130 170" width="100%" height="100%" preserveAspectRatio="xMidYMid slice">
<rect width="130" height="170" fill="#dfe9f2"/><path d="M10 170c4-40 26-52 55-52s51 12 55 52z" fill="#2f4858"/>
<path d="M52 108h26v18l-13 10-13-10z" fill="#e3b592"/><ellipse cx="65" cy="74" rx="30" ry="38" fill="#efc6a4"/>
<path d="M33 70c-2-34 14-46 32-46s34 12 32 46c-4-20-14-28-32-28s-28 8-32 28z" fill="#22201e"/>
<circle cx="54" cy="74" r="3"/><circle cx="76" cy="74" r="3"/><path d="M55 94q10 7 20 0" fill="none" stroke="#a3543f" stroke-width="3"/></svg>`;

/** JPEG bytes of `width` × `height`. */
export async function portrait(browser, width, height) {
  const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: 1 });
  try {
    await page.setContent(`<body style="margin:0">${SVG}</body>`);
    return await page.screenshot({ type: 'jpeg', quality: 88, clip: { x: 0, y: 0, width, height } });
  } finally {
    await page.close();
  }
}
