<?php
// Signs as MediaWiki does, and prints JSON: "languages", the time stamps of many instants in languages (all, if none are
// named) with the messages that have their words; "zones", those of some instants in some time zones.

use MediaWiki\MediaWikiServices;

require_once getenv( 'MW_INSTALL_PATH' ) . '/maintenance/Maintenance.php';

class ApibotStamps extends Maintenance {
	public function execute() {
		$order = json_decode( stream_get_contents( STDIN ), true, 512, JSON_THROW_ON_ERROR );
		$services = MediaWikiServices::getInstance();
		$languages = [];
		$all = array_keys( $services->getLanguageNameUtils()->getLanguageNames( null, 'mwfile' ) );
		foreach ( $order['languages'] ?: $all as $code ) {
			$language = $services->getLanguageFactory()->getLanguage( $code );
			$messages = [];
			foreach ( $order['messages'] as $key ) {
				$messages[$key] = wfMessage( $key )->inLanguage( $language )->plain();
			}
			$stamps = [];
			foreach ( $order['times'] as $time ) {
				$stamps[$time] = $language->timeanddate( $time, false, false );
			}
			$languages[$code] = [ 'messages' => $messages, 'stamps' => $stamps ];
		}
		print json_encode( [ 'languages' => $languages, 'zones' => $this->zones( $order['zones'] ) ] );
	}

	private function zones( array $zones ): array {
		global $wgLocaltimezone;
		$user = MediaWikiServices::getInstance()->getUserFactory()->newAnonymous();
		$parser = MediaWikiServices::getInstance()->getParserFactory()->create();
		$stamps = [];
		foreach ( $zones as $zone => $times ) {
			$wgLocaltimezone = $zone;
			foreach ( $times as $time ) {
				$options = ParserOptions::newFromUser( $user );
				$options->setTimestamp( $time );
				$stamps[$zone][$time] = $parser->preSaveTransform( '~~~~~', Title::newMainPage(), $user, $options );
			}
		}
		return $stamps;
	}
}

$maintClass = ApibotStamps::class;
require_once RUN_MAINTENANCE_IF_MAIN;
