// A photo as it leaves the phone: smaller, and drawn anew, so that nothing is in it but the picture. Only where the
// questionnaire allows it and the respondent says so, the camera's notes with the place are put back.
// Written for Chrome 70: no ?. and ?? and class fields.

const LONGEST_SIDE = 1600; // as in fieldkit/core/attachment.py
const TRIES = [[1600, 0.8], [1600, 0.6], [1200, 0.6], [1000, 0.5], [800, 0.4]]; // until it is small enough
const ORIENTATION = 0x0112;
const PLACE = 0x8825;

// the camera's notes in a JPEG, with their marker; null where there are none
export const notesOf = (buffer) => {
  const view = new DataView(buffer);
  if (view.byteLength < 12 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 12 < view.byteLength && view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda) {
    const end = at + 2 + view.getUint16(at + 2);
    if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966 && end <= view.byteLength) return buffer.slice(at, end);
    at = end;
  }
  return null;
};

// where the value of a tag stands in the notes, and in which order its bytes; null where it is not there
const tag = (notes, wanted) => {
  try {
    const view = new DataView(notes);
    const small = view.getUint16(10) === 0x4949;
    const first = 10 + view.getUint32(14, small);
    for (let i = 0; i < view.getUint16(first, small); i += 1) {
      const at = first + 2 + 12 * i;
      if (view.getUint16(at, small) === wanted) return { view, at: at + 8, small };
    }
  } catch (error) {
    // notes that end too early say nothing
  }
  return null;
};

export const knowsPlace = (buffer) => {
  const notes = notesOf(buffer);
  return !!notes && !!tag(notes, PLACE);
};

const turnedBy = (buffer) => {
  const notes = notesOf(buffer);
  const found = notes && tag(notes, ORIENTATION);
  return found ? found.view.getUint16(found.at, found.small) : 1;
};

// the drawn picture with the notes of the photo behind its first marker; it lies upright now
const withNotes = (drawn, photo) => {
  const notes = notesOf(photo);
  if (!notes) return drawn;
  const found = tag(notes, ORIENTATION);
  if (found) found.view.setUint16(found.at, 1, found.small);
  return new Blob([drawn.slice(0, 2), notes, drawn.slice(2)], { type: "image/jpeg" });
};

const loaded = (blob) => new Promise((found, failed) => {
  const picture = new Image();
  const address = URL.createObjectURL(blob);
  picture.onload = () => { URL.revokeObjectURL(address); found(picture); };
  picture.onerror = () => { URL.revokeObjectURL(address); failed(new Error("no picture")); };
  picture.src = address;
});

const drawn = (picture, turned, side, quality) => new Promise((found, failed) => {
  const scale = Math.min(1, side / Math.max(picture.naturalWidth, picture.naturalHeight));
  const width = Math.max(1, Math.round(picture.naturalWidth * scale));
  const height = Math.max(1, Math.round(picture.naturalHeight * scale));
  const canvas = document.createElement("canvas");
  const aside = turned === 6 || turned === 8;
  canvas.width = aside ? height : width;
  canvas.height = aside ? width : height;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff"; // what shines through in a PNG
  pen.fillRect(0, 0, canvas.width, canvas.height);
  if (turned === 3) { pen.translate(width, height); pen.rotate(Math.PI); }
  if (turned === 6) { pen.translate(height, 0); pen.rotate(Math.PI / 2); }
  if (turned === 8) { pen.translate(0, width); pen.rotate(-Math.PI / 2); }
  pen.drawImage(picture, 0, 0, width, height);
  canvas.toBlob((blob) => (blob ? found(blob) : failed(new Error("no picture"))), "image/jpeg", quality);
});

// a JPEG of at most `limit` bytes; `place`: with the camera's notes
export const made = (file, buffer, limit, place) => loaded(file).then((picture) => {
  // browsers before 2020 draw a photo as it lies, and do not look which way is up
  const turned = window.CSS && CSS.supports && CSS.supports("image-orientation", "from-image") ? 1 : turnedBy(buffer);
  const attempt = (n) => drawn(picture, turned, Math.min(TRIES[n][0], LONGEST_SIDE), TRIES[n][1])
    .then((blob) => (place ? withNotes(blob, buffer) : blob))
    .then((blob) => (blob.size <= limit || n + 1 >= TRIES.length ? blob : attempt(n + 1)));
  return attempt(0);
});
