// People who take part in a journey: invented names and numbers, valid by their check digit.

import { totp } from './totp.mjs';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** An ID number with this birth date and sequence (GB 11643). */
export function idNumber(birth, sequence, region = '431000') {
  const head = `${region}${birth}${String(sequence).padStart(3, '0')}`;
  const sum = [...head].reduce((total, digit, place) => total + Number(digit) * WEIGHTS[place], 0);
  return head + '10X98765432'[sum % 11];
}

/** Signs a new member of staff in: password of his own, authenticator, office. Keeps what later logins need. */
export async function joinStaff(desk, username, initial, { days = 0 } = {}) {
  const { page } = desk;
  const password = `Willow-${username}-48-harbour`.replace(username, 'lantern');
  await desk.go('/office/login');
  await desk.fillAll({ username, password: initial });
  await desk.captcha();
  await desk.press('登录');
  await desk.fillAll({ password, password_again: password });
  await desk.press('保存并继续');
  const secret = (await desk.text()).match(/[A-Z2-7]{32}/)[0];
  await desk.fill('otp', totp(secret, (days * 86_400) / 30));
  await desk.press('绑定并进入');
  await desk.says('工作台');
  return {
    username,
    async login({ days = 0 } = {}) {
      const again = desk;
      const ahead = (days * 86_400) / 30;
      await again.go('/office/login');
      await again.fillAll({ username, password });
      await again.captcha();
      await again.press('登录');
      // The server's clock is `days` ahead, and the telephone's with it.
      await again.fill('otp', totp(secret, ahead));
      await again.press('进入');
      await again.says('工作台');
    },
    page,
  };
}
