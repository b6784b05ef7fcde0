// localStorage, which some browsers refuse: what cannot be read is not there, what cannot be written says so.

export const plainStore = {
  get: (key) => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch (error) {
      return null;
    }
  },
  set: (key, value) => {
    try {
      localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch (error) {
      return false;
    }
  },
  drop: (key) => {
    try {
      localStorage.removeItem(key);
    } catch (error) {
      // there is nothing then
    }
  },
  keys: () => {
    try {
      return Object.keys(localStorage);
    } catch (error) {
      return [];
    }
  },
};
