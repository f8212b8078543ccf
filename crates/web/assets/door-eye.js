// How a phone at the door reads codes: by the camera, from frame to frame, or from a picture that was taken.

const WANTED = { video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false };
const SIDE = 480;
// Between two frames that are looked at: a cheap phone takes 50 ms for one.
const GAP = 120;
// A code that wasn't away for so long is the same sheet of paper still lying there: it was judged.
const AWAY = 1500;
const LARGEST = 1600;

const WHY = {
  NotAllowedError: "没有相机权限。请在浏览器设置中允许本网站使用相机，或用“拍照识别”“输入号码”。",
  NotFoundError: "没有找到相机，请用“拍照识别”或“输入号码”。",
  NotReadableError: "相机正被别的程序使用，请关闭后重试，或用“拍照识别”。",
};

export class Eye {
  constructor(video, text, decode) {
    Object.assign(this, { video, text, decode, stream: null, opening: false, seen: "", at: 0 });
    this.canvas = document.createElement("canvas");
    this.drawing = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  async start() {
    if (this.opening) return;
    if (this.stream && this.stream.active) {
      await this.video.play().catch(() => {});
      return;
    }
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) {
      this.text.textContent = "这个浏览器不能使用相机，请用“拍照识别”或“输入号码”。";
      return;
    }
    this.opening = true;
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(WANTED);
      this.video.srcObject = this.stream;
      await this.video.play();
      this.text.textContent = "把准考证上的二维码放进框里";
    } catch (error) {
      this.text.textContent = WHY[error.name] || "相机打不开，请用“拍照识别”或“输入号码”。";
    } finally {
      this.opening = false;
    }
  }

  // Looks again after a while in which nobody looked: what lay there then may lie there yet.
  resume() {
    this.at = Date.now();
    return this.start();
  }

  stop() {
    if (this.stream) for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
  }

  // What the code in a part of a picture says; nothing if there is none.
  decoded(from, [x, y, w, h], [width, height], options) {
    Object.assign(this.canvas, { width, height });
    this.drawing.drawImage(from, x, y, w, h, 0, 0, width, height);
    const { data } = this.drawing.getImageData(0, 0, width, height);
    try {
      return this.decode({ width, height, data }, options);
    } catch (error) {
      return "";
    }
  }

  // Looks, frame after frame, while `isOn` says so, at the middle of what the camera sees, and hands over each code once.
  async watch(isOn, heard) {
    const { video } = this;
    try {
      if (isOn() && video.videoWidth > 0 && video.readyState >= 2) {
        const side = Math.min(video.videoWidth, video.videoHeight);
        const middle = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side];
        const text = this.decoded(video, middle, [SIDE, SIDE], { timeLimit: 60 });
        const again = text === this.seen && Date.now() - this.at < AWAY;
        if (text) Object.assign(this, { seen: text, at: Date.now() });
        if (text && !again) await heard(text);
      }
    } finally {
      setTimeout(() => this.watch(isOn, heard).catch(() => {}), GAP);
    }
  }

  // What the code in a picture says; nothing if none is found. Throws for what is no picture.
  async read(file) {
    const address = URL.createObjectURL(file);
    const image = new Image();
    try {
      await new Promise((resolve, reject) => {
        image.onload = resolve;
        image.onerror = reject;
        image.src = address;
      });
      const { naturalWidth: width, naturalHeight: height } = image;
      const scale = Math.min(1, LARGEST / Math.max(width, height));
      const size = [Math.round(width * scale), Math.round(height * scale)];
      return this.decoded(image, [0, 0, width, height], size, { effort: Infinity, timeLimit: 4000 });
    } finally {
      URL.revokeObjectURL(address);
    }
  }
}
