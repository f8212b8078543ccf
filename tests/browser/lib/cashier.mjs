// A payer at a simulated channel's cashier: scans a code (opens what the code says), or is led there by his browser.

/** What the cashier offers besides paying honestly. */
const NOTICES = { lost: '不通知（掉单）', late: '20 秒后通知', repeated: '重复通知三次' };

/**
 * From the page of choice to the money: chooses a channel, gets to its cashier and pays. Afterwards he does nothing: what the page that he
 * is on, or is led back to, makes of it is what the caller looks at.
 */
export async function payBy(me, channel, { notice = null, look = async () => {} } = {}) {
  const { page, context } = me;
  await page.locator('main').getByLabel(channel).check();
  await me.leave(() => page.getByRole('button', { name: /^支付/ }).click());
  // A page of ours on the way may go on by itself.
  await page.waitForURL((url) => url.pathname.includes('/cashier/') || url.pathname.endsWith('/checkout'));
  const onward = page.locator('main form[data-continue] button, main a[data-go]');
  if (await onward.count()) {
    await onward.first().click().catch(() => {});
    await page.waitForURL(/\/cashier\//);
  }
  await page.waitForLoadState('load');
  if (page.url().includes('/cashier/')) {
    await look(me, 'cashier');
    await settle(page, notice);
    return;
  }
  await look(me, 'code');
  const address = await page.getByRole('link', { name: '打开模拟收银台' }).getAttribute('href');
  const phone = await context.newPage();
  await phone.goto(address);
  await settle(phone, notice);
  await phone.close();
}

async function settle(page, notice) {
  if (notice) {
    await page.locator('summary').click();
    await page.getByLabel(NOTICES[notice]).check();
  }
  await page.getByRole('button', { name: /^确认支付/ }).click();
  await page.getByText('支付成功').first().waitFor();
}
