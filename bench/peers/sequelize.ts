// Sequelize with sqlite3, as its documentation has it. It opens a connection of its own for each transaction, and has no
// place for pragmas: the driver that it is given sets them when it opens one.
import {
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  Op,
  QueryTypes,
  Sequelize,
  type Transaction,
} from 'sequelize';
import sqlite3 from 'sqlite3';
import { recordOf } from './by-hand.js';
import { type Peer, type PlainModel, pageSize, partsOf, pragmas, RolledBack, rolledBack } from './contract.js';
import { searchModels } from './plain-statements.js';

interface ModelRow extends Model<InferAttributes<ModelRow>, InferCreationAttributes<ModelRow>> {
  id: string;
  name: string;
  description: string | null;
  format: string;
  filePath: string;
  fileHash: string;
  fileSize: number;
  author: string | null;
  triangles: number | null;
  vertices: number | null;
  createdAt: number;
  updatedAt: number;
}

interface ValueRow extends Model<InferAttributes<ValueRow>, InferCreationAttributes<ValueRow>> {
  modelId: string;
  key: string;
  value: string;
}

interface TagRow extends Model<InferAttributes<TagRow>, InferCreationAttributes<TagRow>> {
  id: number;
  name: string;
}

type PageRow = PlainModel & { metadata: { key: string; value: string }[]; tags: { name: string }[] };

/** Opens the peer. */
export async function openSequelize(path: string): Promise<Peer> {
  const sequelize = new Sequelize({
    dialect: 'sqlite',
    dialectModule: { ...sqlite3, Database: databaseWithPragmas },
    storage: path,
    logging: false,
  });
  const { models, values, tags } = define(sequelize);
  await sequelize.authenticate();
  return {
    create: (model) =>
      sequelize.transaction(async (transaction) => {
        const other = await models.findOne({ attributes: ['id'], where: { fileHash: model.fileHash }, transaction });
        if (other !== null) return 'duplicate';
        await models.create({ ...model }, { transaction });
        return 'created';
      }),
    read: (id) => models.findByPk(id, { raw: true }),
    async setMetadata(id, record) {
      await values.bulkCreate(
        Object.entries(record).map(([key, value]) => ({ modelId: id, key, value })),
        { updateOnDuplicate: ['value'] },
      );
    },
    readMetadata: async (id) =>
      recordOf(await values.findAll({ where: { modelId: id }, order: [['key', 'ASC']], raw: true })),
    search: (match, format) =>
      sequelize.query<PlainModel>(searchModels, { replacements: [match, format], type: QueryTypes.SELECT }),
    async page(after) {
      const { createdAt, id } = after ?? { createdAt: Number.MAX_SAFE_INTEGER, id: '' };
      const rows = await models.findAll({
        where: {
          createdAt: { [Op.lte]: createdAt },
          [Op.or]: [{ createdAt: { [Op.lt]: createdAt } }, { id: { [Op.lt]: id } }],
        },
        order: [
          ['createdAt', 'DESC'],
          ['id', 'DESC'],
        ],
        limit: pageSize,
        include: [
          { model: values, as: 'metadata', separate: true },
          { model: tags, as: 'tags', through: { attributes: [] } },
        ],
      });
      return rows.map((row) => {
        // The associations are not in the type of the row.
        const { metadata, tags: tagged, ...model } = row.get({ plain: true }) as unknown as PageRow;
        return { model, metadata: recordOf(metadata), tags: tagged.map(({ name }) => name) };
      });
    },
    count: (format) => models.count({ where: { format } }),
    createMany: (items) =>
      sequelize.transaction(async (transaction) => {
        const fileHash = items.map(({ model }) => model.fileHash);
        const other = await models.findOne({ attributes: ['id'], where: { fileHash }, transaction });
        if (other !== null) throw new Error('a model has the same file content');
        for (const part of partsOf(items, 500)) {
          await models.bulkCreate(
            part.map(({ model }) => ({ ...model })),
            { transaction },
          );
          const rows = part.flatMap(({ model, metadata }) =>
            Object.entries(metadata).map(([key, value]) => ({ modelId: model.id, key, value })),
          );
          await values.bulkCreate(rows, { transaction });
        }
      }),
    increment: (id, otherId, pause) =>
      sequelize.transaction(async (transaction) => {
        const row = await models.findByPk(id, { transaction, rejectOnEmpty: true });
        if (pause) await pause();
        await row.update({ triangles: (row.triangles ?? 0) + 1 }, { transaction });
        await models.increment('vertices', { where: { id: otherId }, transaction });
      }),
    readTriangles: async (id) =>
      (await models.findByPk(id, { attributes: ['triangles'], raw: true }))?.triangles ?? Number.NaN,
    holdWrite: (id, triangles, whileOpen) =>
      rolledBack(
        sequelize.transaction(async (transaction) => {
          await models.update({ triangles }, { where: { id }, transaction });
          await whileOpen();
          throw new RolledBack();
        }),
      ),
    async pragma(name, where) {
      const ask = async (transaction: Transaction | null) =>
        sequelize.query<Record<string, string | number>>(`PRAGMA ${name}`, { transaction, type: QueryTypes.SELECT });
      const [row] = where === 'inside' ? await sequelize.transaction(ask) : await ask(null);
      return Object.values(row ?? {})[0] ?? '';
    },
    async settle() {
      await sequelize.query('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close: () => sequelize.close(),
  };
}

function define(sequelize: Sequelize) {
  const options = { timestamps: false } as const;
  const models = sequelize.define<ModelRow>(
    'models',
    {
      id: { type: DataTypes.TEXT, primaryKey: true },
      name: { type: DataTypes.TEXT, allowNull: false },
      description: DataTypes.TEXT,
      format: { type: DataTypes.TEXT, allowNull: false },
      filePath: { type: DataTypes.TEXT, allowNull: false, field: 'file_path' },
      fileHash: { type: DataTypes.TEXT, allowNull: false, field: 'file_hash' },
      fileSize: { type: DataTypes.INTEGER, allowNull: false, field: 'file_size' },
      author: DataTypes.TEXT,
      triangles: DataTypes.INTEGER,
      vertices: DataTypes.INTEGER,
      createdAt: { type: DataTypes.INTEGER, allowNull: false, field: 'created_at' },
      updatedAt: { type: DataTypes.INTEGER, allowNull: false, field: 'updated_at' },
    },
    { ...options, tableName: 'models' },
  );
  const values = sequelize.define<ValueRow>(
    'metadata',
    {
      modelId: { type: DataTypes.TEXT, primaryKey: true, field: 'model_id' },
      key: { type: DataTypes.TEXT, primaryKey: true },
      value: { type: DataTypes.TEXT, allowNull: false },
    },
    { ...options, tableName: 'metadata' },
  );
  const tags = sequelize.define<TagRow>(
    'tags',
    { id: { type: DataTypes.INTEGER, primaryKey: true }, name: { type: DataTypes.TEXT, allowNull: false } },
    { ...options, tableName: 'tags' },
  );
  const join = sequelize.define('model_tags', {}, { ...options, tableName: 'model_tags' });
  models.hasMany(values, { as: 'metadata', foreignKey: 'modelId' });
  models.belongsToMany(tags, { as: 'tags', through: join, foreignKey: 'model_id', otherKey: 'tag_id' });
  return { models, values, tags };
}

/** sqlite3's database, called open when its pragmas are set. */
const databaseWithPragmas = new Proxy(sqlite3.Database, {
  construct(Database, [path, mode, opened]: [string, number, (error: Error | null) => void]) {
    const database = new Database(path, mode, (error) => {
      if (error) opened(error);
      else database.exec(pragmas.join(';'), opened);
    });
    return database;
  },
});
