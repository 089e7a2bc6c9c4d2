// Archives that 7-Zip 26 has made of the cubes `gear.stl`, `arm/left.obj` and `arm/Größe.stl` and a text, with packed
// directories: what no code of ours can write.

function made(...lines: readonly string[]): Buffer {
  return Buffer.from(lines.join(''), 'base64');
}

/** By how they are packed; `encrypted` has names that can be read, `sealed` has not. */
export const madeBySevenZip = Object.freeze({
  lzma2: made(
    'N3q8ryccAASjcRywmQEAAAAAAAAjAAAAAAAAANZQH6DgCLUBA10AOZvJzftN+hpBNgqqhbHP/AOf2JfqAHR20Uwauz6vtDjGHmgc',
    'laR47aNfb0VGTMHKGUz/CeQmuAWzwXS0fiUDliN7f3xlm6aGlO1KFkqT3yspUbT/QSs8w08YRa+4RUfdPYHDGmNGWiq6XWhWrD+I',
    'pfQ4u+LQkCajBlklYBzkU8/GLM9AFxf1jpLl6nL/4nFZbRmFmuApLCkO7SeJtzTvzV+8QfHMkEeS425B7Kuj5zx/y0G0cPHbRqVr',
    'EBQRj+ADLNtIQMWbFYnTtgjrD3ATGcyihosA31GOBYSUc3eIEgrdDjA8+hhQm40bRjpXoa4xZLUiMjut2CWqaRJ2f+9VSqmUEgAA',
    'AIEzB64P1TgQN/nGZtqN8/MDo9EujMTEjT5Yh7j2lRLSY5gPM180y+hIysOHhSQuVpY7/dAFmfzuG+Hipn5AGwQ283yy87KUa3ac',
    'r76RtJ4ZPZDwAkcK5wj/AzMYfixdwBmOj4yc7LOtJ71AXnevrfjMpjfk6WLlCS8Mx55bqT1qKkR5i9h+HKv3cIQAFwaBCwEJgI4A',
    'BwsBAAEjAwEBBV0AEAAADIDCCgEK4QOVAAA=',
  ),
  ppmd: made(
    'N3q8ryccAATBx1TNZQEAAAAAAAAjAAAAAAAAAJsjsWcAcvpMCUa6ahBe/rZCHi7iBDfteRHid33+Z6xwx+Pruvl/q+1gsHHW7CVc',
    '/Gsgza1uQz5YhnDVpkveM96MmAPfj7emwUpctfuN6AndJOH272dEuFKqWHar2GqejpZxGeCGhxkUn44kpiXYnWD4DzBctQvLKLyk',
    'R8UZXslC97SiYoQLrG4zFSbpvPaKIM91SXPuhDXAkVrFn4Ot0bLSJ8wHInZPdPockanp81VdURjvvsLTzZV2uhlCpZvclD84KPSZ',
    '/gGiulgQfGMO9TLasYRQTAAAAACBMweuD9UxfknXJNP+s34vmDJ4J7VZ0KVXDx4cuaWRDdjUDkCfxNpaM8B0Dw0DSLapNHnXvOpF',
    'CwhDT66qKCyZE7ts5NPm63ISqaGZmye6qcCsdCME6s0ELLvfbDZbZSkk0JwcYz/uCva1wY+I1o4R6otD9vYKqG7ALzwgct+pnEKu',
    'D9pUy9zuY88ag/MveAAXBoDTAQmAkgAHCwEAASMDAQEFXQAQAAAMgNIKAebU/AEAAA==',
  ),
  bzip2: made(
    'N3q8ryccAAT6GGweIwIAAAAAAAAjAAAAAAAAAIv7ZfNCWmg5MUFZJlNZU2t7eQACbtmAUBBAAGAAPyffQDABAwCTSpPSAAYCgAAG',
    'AFKiieoyNqep6am0yCSYMCAwn0GtBKrKNVolFaE76BHAQkOgQhnnCKixiirJFE9hNyFyERaBaiKiqiqKmMZGc2GGMpq0FwXYshGw',
    'ty9NhdXlxF5dC3LbuXJH+LJGpaFu+y9OhdS2LiLoXL5FoLUvBZFoWCwR47ZFsXcjw0Lkj4I9i7kinChIKbW9vIBCWmg5MUFZJlNZ',
    'bOTgcQAAOlmAABBAAH/AAQABACAAVCSg00wDTaijaGnKvfL+tfttw4eIBNEMQCxZhUmnNbmYaZd27+wBWJYLuSKcKEg2cnA4gEJa',
    'aDkxQVkmU1nG0K1LAACDbcBRFEVGAACAQCKAEABAACAAVDVP9EpoDRgRRIBpo2l0XfNhVsgwghiEaFGM1NfzeCsSUXvYn0dGBVGg',
    'WTd2Ugq2ECeXJoXckU4UJDG0K1LAQlpoOTFBWSZTWYHQs+wAAAIBgAQAmIAgACGDQYGpscXckU4UJCB0LPsAAACBMweubcV0Cjni',
    '58mLb2VqH0hYNUeUMnRKMmZ7l8Z9IPcEp0waOXL0NBognf5lOZ0XQdn84uPFqEGmnfO3J3uQ6sEy0TBbZ91W/Dtg7uKdGt+1IPIX',
    'yP4iauvAIh+jTueKfkBLW8pPRUb3Zi7JTXMyMs/r8g6IzEpMF7oVy278I9VTX8ZlO9Gc0k0gFwaBlgEJgI0ABwsBAAEjAwEBBV0A',
    'EAAADIDSCgHM9TpnAAA=',
  ),
  encrypted: made(
    'N3q8ryccAAR7sF39ugEAAAAAAAAjAAAAAAAAANym/FK/Hu8mYUY+iiACTiO8xgSY7zSWJB7C3uaC9xsLK6YPCZjNcfeLiOVDk8go',
    'kDqPE3hYclqACGNn4+NlZQt5M+28muB5bOC3ncXKNlxhIQ6fHWLs+5g7mL1QfCjbj7CIszLMcISDQmKD0fg0c1PiFEi4trBBUHSl',
    '/g/B/Kp8uBS7SwjIVZ+gZJhDUq1KXYQP5eWahBarxa4ojeJmul3rcfApqTUILM6VBiLiW4bISj/w/aNrPO2M+Sn3H1dHJ7c/bk9Z',
    'vZswlfZEXmH4iwg165Qk6DmBlv2DpxZjEW3UWN6aVFxmzrIA+sWAQs/3kSOKha9nMrEGAX7ZdD63Mw6I9Zi1DPjasxJLm5zbtZas',
    '6lgnSgAAgTMHrg/VOCyVOcZglwXu98lLLyTJnymYer1Z/HA3zW64hauHgyfnyR8o9wZ+CuajeTE1nqN6Nl7y1ZQoQxiMiW2LSwqy',
    '+8+OlKO3y4y8iW50ad/1xvRLSKzZXEVUoNixZFba/4nikRciz2VibQ4F9yg7eGgARUSnW4Rc1nN0yLdd/CZFcMXl2pe+oHlNNAxe',
    'XgNDYtmSA6ibs8IY2OBWjAR6Pj+WFIEAFwaBEAEJgKoABwsBAAEjAwEBBV0AEAAADIDiCgFRO2LiAAA=',
  ),
  sealed: made(
    'N3q8ryccAAQA/38BwAEAAAAAAAA/AAAAAAAAAIRNMWUPWKKLVr6gGe05dQZGZoi7/xGDI3RUAKWRhtgW9nhXCp+uzBruFcD0axve',
    'N7PPl+S5pqLAxfEPmsIQkkqpFviUYyh7sebG6FiB66nfJL4i7UCIwCWFm1tmzm62FbRH9GYKwErAGLZmcfqfELZ1XThoj3EeOfy1',
    '6fDQ10INx191uItiPVexISBWJIWnUjrIEXF92t6lyQJLx7bHcZI+SpGc4he7iIhH2pYut0TTrjXMyOt6TVIv+NdI0MhWrzntM56V',
    'n4HDjSzXzsh/iBuG9rKyTlHEwmHPVMWg+71lSf7InLZ0ro0yNSDw5kMws7TwWjk7ybkIX7XqHLIebrx7axZq5yfhIGngiqHYr1H/',
    'QRsRF0BkTN/1UF72e2kEdVI8yHXZYxp8FI37DISsFTAOLc8MnykEMSDY+N3/mrD0Ysgeo+XWHrBtQpmJQAGXsV92Mn6+ILlgKls/',
    'y395F1Zx9cqT2ZOI4HfzaANWcqfMEaRJZskE0p/R0xLv0EQfT3bKioXPOBAFvRWCYooSa5f8JESw50D0omfjfj66YODNTvleTVIN',
    'eUXixwU/OLmQMQk+EU2jZyBwYQSGhFajg1FubrS7FwaBEAEJgLAABwsBAAIkBvEHARJTD/A2COWlWlPQ83ykK336ScMjAwEBBV0A',
    'EAAAAQAMgKqA4goB0xxCsQAA',
  ),
});
