"""Words of the trade that no company has to teach: machines, parts, faults, jobs, makers, states of a controller.

They veto a language model's guess only; a labelled name, or a title before it, is stronger.
Does not cover: words that are common surnames too (bush, wells, carter): a vocabulary learns those from the corpus.
"""

_ENGLISH = """
    abnormal abort aborted accumulator ack acknowledge active actuator adapter adjust agitator air aircon alarm
    align alignment alternator ambient amplifier analog analyzer anode apply armed assembly auto automatic
    auxiliary axis axle backup baffle ball banner bar base batch battery beam bearing bellows belt bias blade
    bleed blocked blow blower blown board body boiler bolt bolts boom boot bore bottom brake braking bracket
    breakdown breaker broken brush bucket bump burner bus bushing button buzzer bypass cab cabin cabinet cable
    calibrate calibration caliper cam camera cancel cap capacitor carriage cartridge casing cathode cavity chain
    chamber change changed changeout channel charge charger chassis check checksum chiller chute circuit clamp
    clean clear cleared client clip clogged close closed clutch coil cold collapse comm comms communication comp
    compressor cond condenser condition config configure connect connection connector contact contactor control
    controller convertor converter conveyor coolant cooler cooling counter coupling cover crack cracked crane
    crash crusher current cutter cycle cylinder damage damaged damper data deck default defect delay depleted
    detector device diagnostic diesel diff differential digital dipper disable disabled disc disconnect discharge
    display done door dosing down downtime drain dribble drill drive driveline drop drum dryer duct dump dust
    dwell edge electric electrical element elevator emergency empty enable enabled encoder engine enter entry
    error estop ethernet event exceeded excess exhaust exit expansion external extinguisher fail failed failure
    fan fault faulty feed feedback feeder fieldbus filler fill filter fire firmware fitting flange flap flash
    flashing flow fluid flush frame frequency front fuel full fuse gantry gas gasket gate gauge gear gearbox gland
    glass grease greasing grinder gripper ground guard guide halt handle handrail hardware harness haul header
    heat heater heating heartbeat high hinge hitch hoist holder home homing hopper horn hose hot hour hours
    housing hub hyd hydraulic idle idler igniter ignition impeller implement imp index indexing indicator info
    init initialise initialize injector inlet input insp inspect inspection install installed insulation intake
    interface interlock internal inverter isolate isolator jam jammed joint keypad kit knob lamp latch lathe leak
    leakage leaking left level lever lid lift light lights limit line liner link linkage load loader loading lock
    locked log logic loop loose lost low lower lube lubrication machine magazine magnet main maintenance major
    manifold manual master material maximum mech mechanical memory meter mill minimum minor mirror misalignment
    missing mixer mode module monitor motion motor mount mounting mud muffler network nitrogen noise noisy normal
    nozzle nut offline oil online open operate operation operator oring orifice oscillation outlet output oven
    overflow overhaul overheat overload overspeed override oxygen packaging packer pad paint pallet panel
    parameter part parts path pause pedal pending phase photocell pilot pin pinion pipe piping piston plant plate
    platform plug pneumatic pointer polish port position power precharge prefilter press pressure preventive
    primary probe process processor product profile program propel propshaft protection proximity pulley pulse
    pump punctured purge pusher queue rack radiator radio rail ram range rate ready reactor reading rear
    recalibrate receiver recipe recirculation record rectify reducer reed refill refit reg regulator reject relay
    release reline remote remove removed rep repair replace replaced repl request required reset resistor restart
    restore retract retry return rev reverse reweld ride right rim ring robot rocker rod roller rollers rotary
    rotor routine rpm run running rupture safety sample scada scan scheduled scraper screen screw screws seal
    sealing seat secondary sender sensor sequence serial server service servo setpoint setup shackle shaft shear
    shifter shield shim shutdown side signal silencer silo slave sleeve slew slip slurry smoke socket software
    solenoid spare speed spillage spindle spray spring sprocket stack stacker stage standby start started starter
    startup state station stator status steam steering step stick stop stopped strainer strut stuck stud suction
    supply support surge susp suspension svc svce swing switch sync system tail tank tap target task teeth temp
    temperature tension tensioner terminal test thermal thermo thermocouple thermostat throttle thrust tighten
    timeout timer tipper tool tooth top torque total tow track traction trailer trans transducer transfer
    transformer transmission transmitter tray trip tripped truck tube tumbler turbine turbo turret tyre tyres unit
    unload update upper upstream urgent vacuum valve vane variable vehicle vent vessel vibration vibrator view
    visual voltage warning washer waste watchdog water wear weekly monthly weld welding wheel winch window
    windscreen winding wire wiring wiper worn wrap wrist yaw yoke zone abb atlas bosch caterpillar cummins danfoss
    denso endress fanuc festo flir hitachi hydac hyundai ifm ingersoll keyence koyo kuka komatsu kyocera liebherr
    linde makino mazak michelin mitsubishi moog nachi nidec nsk ntn okuma omron panasonic phoenix pilz profibus
    profinet profisafe modbus ethercat devicenet rexroth rockwell sandvik schaeffler schneider siemens sick skf
    smc thk timken toshiba toyopuc vega volvo wago weidmuller yamaha yaskawa yokogawa
"""
_JAPANESE = """
    ポンプ モーター モータ バルブ センサー センサ コンベア コンベヤ コンベヤー ベアリング ローラー ローラ
    シリンダー シリンダ エアシリンダ ブレーキ ブレーカ ブレーカー インバータ インバーター サーボ スイッチ
    リミットスイッチ リレー タイマ タイマー ヒーター ヒータ フィルター フィルタ ホース パッキン ガスケット ボルト
    ナット ギア ギヤ チェーン ベルト プーリー カップリング シャフト スピンドル ノズル タンク ボイラー ボイラ
    コンプレッサー コンプレッサ ロボット ハンド チャック クランプ クレーン ホイスト リフト リフター パレット
    ワーク ライン ユニット モジュール パネル ケーブル コネクタ ヒューズ バッテリー エラー アラーム リセット
    トリップ プログラム データ サーバ サーバー ネットワーク タイムアウト ソレノイド エアー オイル グリス ドレン
    ストレーナ ダクト ファン ブロワ ブロワー カバー ドア ゲート シャッター テスト メンテ メンテナンス
    オーバーホール エンコーダ エンコーダー カメラ サイクル ステーション トルク ゲージ メーター ランプ ブザー
    オーバーロード オーバーヒート 異常 警報 故障 停止 起動 運転 点検 交換 修理 清掃 調整 確認 復旧 発生 解除 完了
    開始 終了 温度 圧力 流量 電流 電圧 回転 回転数 振動 異音 過負荷 過電流 過熱 低下 上昇 上限 下限 原点 原点復帰
    自動 手動 非常停止 設定 設定値 軸受 主軸 油圧 空圧 冷却 冷却水 潤滑 配管 配線 電源 制御 制御盤 操作盤 信号
    通信 通信異常 入力 出力 位置 速度 搬送 投入 排出 充填 溶接 切削 研削 塗装 組立 検査 包装 工程 品番 図番 型番
    号機 部品 在庫 予備品 定期点検 日常点検 給油 摩耗 亀裂 破損 断線 短絡 漏電 満杯 待機 待機中 運転中 停止中
    異常停止 瞬停 扉 安全扉 安全柵 三菱電機 日立 東芝 安川電機 横河電機 富士電機 川崎重工 住友重機械
"""
TRADE_WORDS = frozenset((_ENGLISH + _JAPANESE).split())
