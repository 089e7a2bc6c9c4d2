// The words that SQLite, its extensions, libsql and sqld use themselves in what they say of a failure. Gathered from the
// formats of messages in the binary of the driver (`strings`, without their holes). redaction.ts lets them pass.

/** Whether a word of a message is one of the engine's own. */
export function isEngineWord(word: string): boolean {
  return engineWords.has(word.toLowerCase());
}

const engineWords: ReadonlySet<string> = new Set(
  `
    abbreviated abort aborted aborts access active actual add adding after aggregate algorithm alias aliased all
    allocate allowed already altered always ambiguous an analyze and another any api appear are argument arguments
    as assigned associated at attach attached attempt authenticated authority authorization authorized authorizer
    automatic available backups bad be because before between big binary bind blob blobs blocked bool boolean both
    bound brace busy but by byte bytes call called can candidate cannot cell change changed char character
    characters check cipher circular circularly clause clauses close closing coalesce code collation collide column
    columns come commit composite compound computed conflict conflicting connection constant constraint constraints
    constructor contain content contentless contentless_delete context corrupt corruption count covering create
    creating cursor data data_version database databases datatype dbstat declare default defined definition delete
    deleted deletion denied deprecated depth descriptor destination detach detail detect determined deterministic
    did different differs digit dim dimension dimensions dims directive directory disabled disk diskann distance
    distinct divisible do does domain double drop dropped due duplicate during each empty enabled encoding end
    ending entries entry eof error escape even exactly exceeded except excluding executed executing exist exists
    expand expected expr expression expressions extension extra extract failed file filename filter first float
    float16 float1bit float32 float64 float8 floatb16 floating flush for forbidden foreign format found frame
    frames free from fsdir fts fts3tokenize fts4 fts4aux fts5 fts5vocab full function functions generated get
    global got group has have hex hidden highlight hold hook hrana id identify idnex illegal image implemented in
    incompatible incomplete incremental_vacuum index indexed indexes init initialization initialize input insert
    inserted inside instead int integer integrity_check internal intersect into invalid inverted io is it join json
    key l2 labels langid large least left length levels library libsql_vector_idx limit line links list literal
    load loading local lock locked locking long loop main malformed malfunction many mapping match matchinfo
    materialize max maximum may mem memory merge message meta metadata mismatch missed missing misuse misused mj
    mode modified modify module more most moved multiple must name named near needs negative new no node non none
    not notification nth_value ntile null nulls number numeric object objects odd of offset on one only open
    operation operator option optional or order ordinary orphan os_unix other out output overflow override page
    page_count page_size pages parameter parameters parent parse parser parsing part partial path permission plain
    please point pointer position positive pragma prefix prepared present primary program progress prohibited
    protocol provided put qualified queries query quoted raise range rank read readonly reads real reason rebuild
    recovered recovery recursion recursive recursively reference referenced references referencing reindexed
    rekeying relative release reload remote remove rename renamed replica representation request requested required
    requires reserved result returning returns reuse right rollback rootpage routine row rowid rows rtree
    rtreecheck run same savepoint scan scanning schema search second segments select selects semi sequence
    serialize server set setting shadow shared sharedcache should size small snapshot snippet solution some source
    space special specification specified sql sqlite sqlite3_get_table sqlite3mc_config_cipher sqlite_master
    sqlite_schema stack start starting stat statement statements storage store stored storing str string strings
    sub subquery subset such supplied support supported symbol symbols symlink syntax system table tables target
    temp temporary term terms text than the there third this time to token tokendata tokenize tokenizer tokens too
    transaction tree trigger triggers two type unable unavailable underlying undersize unexpected unfinalized
    unfinished union unique unknown unlinked unmatched unqualified unrecognized unsafe unsupported unterminated
    update updated upsert uri use used user using vacuum vacuum_db validate value values variable variables vector
    vector16 vector1bit vector32 vector64 vector8 vectorb16 vectorpair vectors vfs view views virtual vtab vtable
    wal warning was were where while wildcards window with within without wrapped writable write writefile writes
    writing wrong xbestindex zero zeroblob
  `
    .trim()
    .split(/\s+/),
);
