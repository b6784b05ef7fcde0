// In which app the page is open, by what the browser calls itself. This is looked at on the phone only: it is sent nowhere
// and kept nowhere. docs/in-app-browsers.md says what each of them cannot do. Written for Chrome 70.

// 企业微信 calls itself 微信 as well, so the order counts
const APPS = [
  ["wxwork", /wxwork/i],
  ["wechat", /MicroMessenger/i],
  ["dingtalk", /DingTalk/i],
  ["qq", /\bQQ\/\d/],
  ["weibo", /Weibo/i],
  ["alipay", /AlipayClient/i],
  ["uc", /UCBrowser|UCWEB/i],
];
const BROWSERS = ["uc"]; // browsers of their own: they save files and open windows

// {id: "" for an ordinary browser, inside: whether it is a page within an app, apple: whether seven days are the limit}
export const appNow = (agent) => {
  const apple = /iPhone|iPad|iPod/.test(agent);
  const named = APPS.filter((one) => one[1].test(agent))[0];
  const other = /; wv\)/.test(agent) || (apple && /AppleWebKit/.test(agent) && !/Safari\//.test(agent));
  const id = named ? named[0] : other ? "other" : "";
  return { id, inside: Boolean(id) && BROWSERS.indexOf(id) < 0, apple };
};

// what is to be said of it before the first answer, or ""
export const saidOf = (app, words, fill) => {
  const name = words["app_" + app.id];
  const seven = app.apple ? words.seven_days : "";
  if (app.inside) return fill(words.in_app, { app: name }) + seven + words.in_app_out;
  return (app.id ? fill(words.in_browser, { app: name }) : "") + seven;
};
